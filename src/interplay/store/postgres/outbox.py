"""The outbox as Postgres rows. Whoever locks both locks a delivery before its webhook."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from interplay.store.outbox import NOTHING, DeadLetter, Due
from interplay.store.outbox_rows import due, letter
from interplay.store.postgres.connections import NOW, Connection, Connections, rows, text
from interplay.store.webhooks import ENABLED, GIVEN_UP

# S608 below: all pieces of these statements are constants of this package.
_CLAIM: Final = (
    "WITH ready AS (SELECT id, due, project, project || ' ' || lane AS line FROM deliveries"  # noqa: S608
    f" WHERE state = 0 AND due <= {NOW}), "
    "placed AS (SELECT *, row_number() OVER (PARTITION BY line ORDER BY due, id) AS place FROM ready"
    " WHERE NOT line = ANY(%(busy)s)), "
    "turns AS (SELECT id, row_number() OVER (PARTITION BY project ORDER BY due, id)"
    " + coalesce((%(sending)s::jsonb ->> project)::int, 0) AS turn FROM placed"
    " WHERE place <= CASE WHEN line = ANY(%(failing)s) THEN 1 ELSE %(each)s END), "
    "picked AS (SELECT id FROM deliveries JOIN turns USING (id) WHERE turn <= %(of_project)s"
    # Said again of the row itself: another server may have claimed it meanwhile.
    f" AND state = 0 AND due <= {NOW} ORDER BY turn, due, id LIMIT %(limit)s FOR UPDATE OF deliveries SKIP LOCKED), "
    f"claimed AS (UPDATE deliveries SET due = {NOW} + %(seconds)s::float8, holder = %(server)s,"
    " attempts = attempts + 1 FROM picked WHERE deliveries.id = picked.id RETURNING deliveries.*) "
    "SELECT claimed.id, claimed.project, webhook, coalesce(claimed.uri, webhooks.uri), lane, type, payload, attempts,"
    f" {NOW} - claimed.created, webhooks.state, webhooks.secrets"
    " FROM claimed LEFT JOIN webhooks ON webhooks.id = webhook"
)
_TAKEN: Final = (
    "WITH gone AS (DELETE FROM deliveries WHERE id = %s RETURNING webhook) "  # noqa: S608
    f"UPDATE webhooks SET healthy = {NOW} FROM gone WHERE webhooks.id = webhook"
)
_AGAIN: Final = (
    f"UPDATE deliveries SET due = {NOW} + %s::float8, holder = '', reason = %s, attempts = attempts - %s"  # noqa: S608
    " WHERE id = %s AND holder = %s RETURNING 1"
)
_GIVE_UP: Final = (
    f"WITH dead AS (UPDATE deliveries SET state = 1, due = {NOW}, holder = '', reason = %s"  # noqa: S608
    " WHERE id = %s AND holder = %s RETURNING webhook, created) "
    f"UPDATE webhooks SET state = '{GIVEN_UP}', updated = {NOW} FROM dead"
    f" WHERE webhooks.id = webhook AND state = '{ENABLED}' AND healthy < dead.created RETURNING 1"
)
_RELEASE: Final = (
    f"UPDATE deliveries SET due = {NOW}, holder = '' WHERE state = 0 AND holder <> ''"  # noqa: S608
    " AND holder = coalesce(%s::text, holder) RETURNING 1"
)
_DEAD: Final = (
    "SELECT deliveries.id, deliveries.project, webhook, coalesce(deliveries.uri, webhooks.uri, ''), type, attempts,"
    " due, reason FROM deliveries LEFT JOIN webhooks ON webhooks.id = webhook WHERE deliveries.state = 1"
    " ORDER BY due DESC, deliveries.id LIMIT %s"
)
_REPLAY: Final = (
    f"UPDATE deliveries SET state = 0, created = {NOW}, due = {NOW}, attempts = 0"  # noqa: S608
    " WHERE state = 1 AND id = coalesce(%s::text, id) RETURNING 1"
)
_FORGET: Final = f"DELETE FROM deliveries WHERE state = 1 AND due < {NOW} - %s::float8 RETURNING 1"  # noqa: S608


class PostgresOutbox:
    """The `Outbox` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def claim(
        self,
        server: str,
        seconds: float,
        limit: int,
        *,
        each: int,
        of_project: int,
        sending: Mapping[str, int] = NOTHING,
        busy: Collection[str] = (),
        failing: Collection[str] = (),
    ) -> list[Due]:
        """What is due, for this server for a while."""
        values = {
            "server": server,
            "seconds": seconds,
            "limit": limit,
            "each": each,
            "of_project": of_project,
            "sending": msgspec.json.encode(dict(sending)).decode(),
            "busy": list(busy),
            "failing": list(failing),
        }
        return [due(row) for row in await self._rows(_CLAIM, values)]

    async def taken(self, id: str) -> None:
        """The receiver has it."""
        await self._rows(_TAKEN, (id,))

    async def failed(self, id: str, server: str, reason: str, again_in: float | None, *, counted: bool = True) -> bool:
        """It was not taken."""
        if again_in is None:
            return bool(await self._rows(_GIVE_UP, (text(reason), id, server)))
        await self._rows(_AGAIN, (again_in, text(reason), int(not counted), id, server))
        return False

    async def release(self, server: str | None = None) -> None:
        """Make due what was claimed."""
        await self._rows(_RELEASE, (server,))

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """What was given up."""
        return [letter(row) for row in await self._rows(_DEAD, (limit,))]

    async def replay(self, id: str | None = None) -> int:
        """Begin again."""
        return len(await self._rows(_REPLAY, (None if id is None else text(id),)))

    async def forget(self, seconds: float) -> int:
        """Remove old dead letters."""
        return len(await self._rows(_FORGET, (seconds,)))

    async def _rows(self, query: str, values: Any) -> list[tuple[Any, ...]]:
        async def asked(own: Connection) -> list[tuple[Any, ...]]:
            return await rows(own, query, values)

        return await self._connections.do(asked)
