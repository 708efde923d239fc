"""Webhooks as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from collections.abc import Callable
from functools import partial
from typing import Final

import apsw
import msgspec

from interplay.store.database import Cursor
from interplay.store.sqlite.database import Readers
from interplay.store.sqlite.files import rows
from interplay.store.sqlite.writer import Writer
from interplay.store.webhook_rows import COLUMNS, events_text, stored
from interplay.store.webhooks import ENABLED, StoredWebhook

_NOW: Final = "unixepoch('subsec')"
# S608 below: all pieces of these statements are constants of this package.
_ADD: Final = (
    f"INSERT INTO webhooks ({COLUMNS}, healthy) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {_NOW}"  # noqa: S608
    " WHERE (SELECT count(*) FROM webhooks WHERE project = ?1) < ?10"
)
_GET: Final = f"SELECT {COLUMNS} FROM webhooks WHERE id = ? AND project = ?"  # noqa: S608
_LIST: Final = (
    f"SELECT {COLUMNS} FROM webhooks WHERE project = ? AND (created, id) > (?, ?) ORDER BY created, id LIMIT ?"  # noqa: S608
)
_UPDATE: Final = (
    "UPDATE webhooks SET name = ?1, uri = ?2, events = ?3, state = ?4, updated = ?5, secrets = ?6,"  # noqa: S608
    f" healthy = CASE WHEN ?4 = '{ENABLED}' AND state <> ?4 THEN {_NOW} ELSE healthy END WHERE id = ?7"
)
_DELETE: Final = "DELETE FROM webhooks WHERE id = ? AND project = ?"
_DROP: Final = "DELETE FROM deliveries WHERE webhook = ?"
_BEFORE_ALL: Final = Cursor(float("-inf"), "")


class SqliteWebhooks:
    """The `WebhookStore` port on SQLite."""

    def __init__(self, main: Writer, readers: Readers) -> None:
        self._main = main
        self._readers = readers

    async def add(self, webhook: StoredWebhook, most: int) -> bool:
        """Keep a new webhook."""
        return await self._main.do(partial(_add, webhook=webhook, most=most))

    async def get(self, project: str, id: str) -> StoredWebhook | None:
        """One webhook, or None."""
        return await self._readers.do(lambda reader: _get(reader, project, id))

    async def list(self, project: str, after: Cursor | None, limit: int) -> list[StoredWebhook]:
        """The next webhooks."""
        place = after or _BEFORE_ALL
        values = (project, place.created, place.id, limit)
        return [stored(row) for row in await self._readers.do(lambda reader: rows(reader, _LIST, values))]

    async def update(
        self, project: str, id: str, change: Callable[[StoredWebhook], StoredWebhook]
    ) -> StoredWebhook | None:
        """Replace a webhook."""
        return await self._main.do(lambda main: _update(main, project, id, change))

    async def delete(self, project: str, id: str) -> bool:
        """Remove a webhook and its deliveries."""
        return await self._main.do(lambda main: _delete(main, project, id))


def _add(main: apsw.Connection, webhook: StoredWebhook, most: int) -> bool:
    values = (
        webhook.project,
        webhook.id,
        webhook.name,
        webhook.uri,
        events_text(webhook.events),
        webhook.state,
        webhook.created,
        webhook.updated,
        msgspec.json.encode(webhook.secrets),
        most,
    )
    main.execute(_ADD, values)
    return main.changes() == 1


def _get(connection: apsw.Connection, project: str, id: str) -> StoredWebhook | None:
    found = rows(connection, _GET, (id, project))
    return stored(found[0]) if found else None


def _update(
    main: apsw.Connection, project: str, id: str, change: Callable[[StoredWebhook], StoredWebhook]
) -> StoredWebhook | None:
    before = _get(main, project, id)
    if before is None:
        return None
    new = change(before)
    secrets = msgspec.json.encode(new.secrets)
    main.execute(_UPDATE, (new.name, new.uri, events_text(new.events), new.state, new.updated, secrets, id))
    return new


def _delete(main: apsw.Connection, project: str, id: str) -> bool:
    main.execute(_DELETE, (id, project))
    deleted = main.changes() == 1
    if deleted:
        main.execute(_DROP, (id,))
    return deleted
