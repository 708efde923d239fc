"""What the statement that ends an interaction adds to itself, to put the notice into the outbox."""

from typing import Any, Final

from interplay.store.outbox import Notice
from interplay.store.postgres.connections import NOW
from interplay.store.webhooks import ENABLED

_FRESH: Final = f"0, {NOW}, {NOW}, 0, '', ''"
TELL: Final = (
    # What `finishing` has ended, if it was work.
    ", told AS (INSERT INTO deliveries (project, id, webhook, uri, lane, type, payload, state, created, due, attempts,"  # noqa: S608
    " holder, reason) "
    f"SELECT ended.project, %(notice)s || '_' || webhooks.id, webhooks.id, NULL, webhooks.id, %(event)s, %(payload)b,"
    f" {_FRESH} FROM ended JOIN done USING (id) JOIN webhooks ON webhooks.project = ended.project"
    f" WHERE %(uris)s::text[] = '{{}}' AND webhooks.state = '{ENABLED}'"
    " AND position(' ' || %(event)s || ' ' IN events) > 0 UNION ALL "
    f"SELECT project, %(notice)s || '_' || number, NULL, receiver, lane, %(event)s, %(payload)b, {_FRESH}"
    " FROM ended JOIN done USING (id) CROSS JOIN unnest(%(uris)s::text[], %(lanes)s::text[])"
    " WITH ORDINALITY AS own (receiver, lane, number) RETURNING 1)"
)


def told(notice: Notice) -> dict[str, Any]:
    """The values of `TELL`."""
    return {
        "notice": notice.id,
        "event": notice.type,
        "payload": notice.payload,
        "uris": list(notice.uris),
        "lanes": notice.lanes(),
    }
