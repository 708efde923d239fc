"""What the transaction that ends an interaction does, too: puts the notice into the outbox."""

from typing import Final

import apsw

from interplay.store.outbox import Notice
from interplay.store.sqlite.database import NOW
from interplay.store.webhooks import ENABLED

# S608 below: all pieces of these statements are constants of this package.
_PUT: Final = (
    "INSERT INTO deliveries (project, id, webhook, uri, lane, type, payload, state, created, due, attempts, holder,"
    " reason) "
)
_FRESH: Final = f"0, {NOW}, {NOW}, 0, '', ''"
_TELL_WEBHOOKS: Final = (
    f"{_PUT} SELECT project, ?1 || '_' || id, id, NULL, id, ?2, ?3, {_FRESH} FROM webhooks"  # noqa: S608
    f" WHERE project = ?4 AND state = '{ENABLED}' AND instr(events, ' ' || ?2 || ' ') > 0"
)
_TELL: Final = f"{_PUT} VALUES (?, ?, NULL, ?, ?, ?, ?, {_FRESH})"


def tell(main: apsw.Connection, project: str, notice: Notice) -> bool:
    """Put a notice into the outbox for everybody who is to get it; whether there is anybody."""
    if not notice.uris:
        main.execute(_TELL_WEBHOOKS, (notice.id, notice.type, notice.payload, project))
        return main.changes() > 0
    for number, (uri, lane) in enumerate(zip(notice.uris, notice.lanes(), strict=True), 1):
        main.execute(_TELL, (project, f"{notice.id}_{number}", uri, lane, notice.type, notice.payload))
    return True
