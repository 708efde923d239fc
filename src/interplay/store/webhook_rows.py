"""Webhooks as rows, for SQLite and Postgres alike. Not here: connections and transactions."""

from typing import Any, Final

import msgspec

from interplay.store.webhooks import SigningSecret, StoredWebhook

SECRETS: Final = msgspec.json.Decoder(tuple[SigningSecret, ...])
COLUMNS: Final = "project, id, name, uri, events, state, created, updated, secrets"


def stored(row: tuple[Any, ...]) -> StoredWebhook:
    """A row with the columns of a webhook."""
    project, id, name, uri, events, state, created, updated, secrets = row
    return StoredWebhook(
        project=project,
        id=id,
        name=name,
        uri=uri,
        events=tuple(events.split()),
        state=state,
        created=created,
        updated=updated,
        secrets=SECRETS.decode(secrets),
    )


def events_text(events: tuple[str, ...]) -> str:
    """The events of a webhook in a form in which a whole one can be searched for."""
    return f" {' '.join(events)} "
