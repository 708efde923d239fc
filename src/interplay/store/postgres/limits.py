"""What limits are held by, as one Postgres row for each project and key, held alone while it is changed.

Not waiting for the disk: a power cut of the database may cost what was counted in the last moment.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from interplay.store.limits import Change, Counted
from interplay.store.postgres.connections import NOW, Connection, Connections, text

T = TypeVar("T")

_FAST: Final = "SET LOCAL synchronous_commit = off"
# S608 below: all pieces of these statements are the constant above.
_MAKE: Final = (
    "INSERT INTO limits (name, counted) SELECT name, '{}' FROM unnest(%s::text[]) AS new (name)"
    " WHERE NOT EXISTS (SELECT 1 FROM limits WHERE limits.name = new.name) ORDER BY name ON CONFLICT DO NOTHING"
)
_HOLD: Final = "SELECT name, counted FROM limits WHERE name = ANY(%s) ORDER BY name FOR UPDATE"
_LIVING: Final = f"SELECT {NOW}, array(SELECT id FROM servers WHERE seen > {NOW} - %s::float8)"  # noqa: S608
_SET: Final = (
    "UPDATE limits SET counted = new.counted FROM unnest(%s::text[], %b::bytea[]) AS new (name, counted)"
    " WHERE limits.name = new.name"
)
_encode = msgspec.json.Encoder().encode
_counted = msgspec.json.Decoder(Counted)


class PostgresLimits:
    """The `LimitStore` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def change(
        self, names: Sequence[str], change: Change[T], *, silent_seconds: float, now: float | None = None
    ) -> T:
        """What `change` returns, by the database's clock, in one transaction of two round trips."""
        rows = {text(name): name for name in names}

        async def changed(own: Connection) -> T:
            async with own.pipeline(), own.transaction():
                await own.execute(_FAST)
                await own.execute(_MAKE.encode(), (list(rows),), binary=True)
                held = await own.execute(_HOLD.encode(), (list(rows),), binary=True)
                known = await own.execute(_LIVING.encode(), (silent_seconds,), binary=True)
                counted = {rows[row]: _counted.decode(content) for row, content in await held.fetchall()}
                time, living = (await known.fetchall())[0]
                _forget(counted.values(), set(living))
                made = change(counted, time if now is None else now)
                contents = [_encode(counted[name]) for name in rows.values()]
                await own.execute(_SET.encode(), (list(rows), contents), binary=True)
            return made

        return await self._connections.do(changed)


def _forget(counted: Any, living: set[str]) -> None:
    for each in counted:
        each.running = {server: runs for server, runs in each.running.items() if server in living}
