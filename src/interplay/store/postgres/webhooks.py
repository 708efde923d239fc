"""Webhooks as Postgres rows: the same rows as in SQLite."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec

from interplay.store.database import Cursor
from interplay.store.postgres.connections import NOW, Connection, Connections, rows, text
from interplay.store.webhook_rows import COLUMNS, events_text, stored
from interplay.store.webhooks import ENABLED, StoredWebhook

# S608 below: all pieces of these statements are constants of this package.
_ADD: Final = (
    f"INSERT INTO webhooks ({COLUMNS}, healthy) SELECT %(project)s, %(id)s, %(name)s, %(uri)s, %(events)s,"  # noqa: S608
    f" %(state)s, %(created)s, %(updated)s, %(secrets)b, {NOW}"
    " WHERE (SELECT count(*) FROM webhooks WHERE project = %(project)s) < %(most)s RETURNING 1"
)
_GET: Final = f"SELECT {COLUMNS} FROM webhooks WHERE id = %s AND project = %s"  # noqa: S608
_LIST: Final = (
    f"SELECT {COLUMNS} FROM webhooks WHERE project = %s AND (created, id) > (%s::float8, %s)"  # noqa: S608
    " ORDER BY created, id LIMIT %s"
)
_UPDATE: Final = (
    "UPDATE webhooks SET name = %(name)s, uri = %(uri)s, events = %(events)s, state = %(state)s,"  # noqa: S608
    f" updated = %(updated)s, secrets = %(secrets)b, healthy = CASE WHEN %(state)s = '{ENABLED}'"
    f" AND state <> %(state)s THEN {NOW} ELSE healthy END WHERE id = %(id)s"
)
_HOLD: Final = f"{_GET} FOR UPDATE"
_DROP: Final = "DELETE FROM deliveries WHERE webhook = %s"
_DELETE: Final = "DELETE FROM webhooks WHERE id = %s AND project = %s RETURNING 1"
_BEFORE_ALL: Final = Cursor(float("-inf"), "")


class PostgresWebhooks:
    """The `WebhookStore` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, webhook: StoredWebhook, most: int) -> bool:
        """Keep a new webhook."""
        values = _values(webhook) | {"most": most}
        return bool(await self._connections.do(lambda own: rows(own, _ADD, values)))

    async def get(self, project: str, id: str) -> StoredWebhook | None:
        """One webhook, or None."""
        found = await self._connections.read(lambda own: rows(own, _GET, (text(id), project)))
        return stored(found[0]) if found else None

    async def list(self, project: str, after: Cursor | None, limit: int) -> list[StoredWebhook]:
        """The next webhooks."""
        place = after or _BEFORE_ALL
        values = (project, place.created, text(place.id), limit)
        return [stored(row) for row in await self._connections.read(lambda own: rows(own, _LIST, values))]

    async def update(
        self, project: str, id: str, change: Callable[[StoredWebhook], StoredWebhook]
    ) -> StoredWebhook | None:
        """Replace a webhook."""
        return await self._connections.do(partial(_update, project=project, id=text(id), change=change))

    async def delete(self, project: str, id: str) -> bool:
        """Remove a webhook and its deliveries."""
        return await self._connections.do(lambda own: _delete(own, project, text(id)))


def _values(webhook: StoredWebhook) -> dict[str, Any]:
    return msgspec.structs.asdict(webhook) | {
        "name": None if webhook.name is None else text(webhook.name),
        "events": events_text(webhook.events),
        "secrets": msgspec.json.encode(webhook.secrets),
    }


async def _update(
    connection: Connection, project: str, id: str, change: Callable[[StoredWebhook], StoredWebhook]
) -> StoredWebhook | None:
    async with connection.transaction():
        found = await rows(connection, _HOLD, (id, project))
        if not found:
            return None
        new = change(stored(found[0]))
        await rows(connection, _UPDATE, _values(new))
    return new


async def _delete(connection: Connection, project: str, id: str) -> bool:
    """Deliveries before their webhook, in the order in which those who send them lock the two."""
    async with connection.transaction():
        if not await rows(connection, _GET, (id, project)):
            return False
        await rows(connection, _DROP, (id,))
        return bool(await rows(connection, _DELETE, (id, project)))
