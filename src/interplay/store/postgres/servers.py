"""Which owners of interactions live, as Postgres rows, by the database's clock."""

from typing import Final

from interplay.store.interactions import StoredInteraction
from interplay.store.postgres.connections import NOW, Connection, rows
from interplay.store.postgres.turns import stored

# S608 below: all pieces of these statements are the constant above.
_SEEN: Final = (
    f"WITH forgotten AS (DELETE FROM servers WHERE seen < {NOW} - 86400 AND id <> %(server)s) "  # noqa: S608
    f"INSERT INTO servers (id, started, seen) VALUES (%(server)s, {NOW}, {NOW})"
    " ON CONFLICT (id) DO UPDATE SET seen = excluded.seen"
)
_LEFT: Final = "DELETE FROM servers WHERE id = %s"
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(%s)"
"""Or a taker that has waited for a row would not know yet that its new owner lives."""
_LOCK: Final = 0x74616B65  # "take"
_TAKE: Final = (
    "WITH lately AS MATERIALIZED (SELECT id FROM servers"  # noqa: S608
    f" WHERE seen > {NOW} - %(silent)s::float8), "
    # What another transaction holds is being written or ended.
    "gone AS (SELECT turn FROM interactions WHERE state = 0 AND owner <> %(server)s"
    " AND owner NOT IN (SELECT id FROM lately)"
    " AND NOT EXISTS (SELECT 1 FROM work WHERE interaction = interactions.id)"
    " ORDER BY turn LIMIT %(limit)s FOR UPDATE SKIP LOCKED), "
    "taken AS (UPDATE interactions SET owner = %(server)s WHERE turn IN (SELECT turn FROM gone)"
    " RETURNING project, id, status, owner, input, resource), "
    f"taker AS (INSERT INTO servers (id, started, seen) SELECT %(server)s, {NOW}, {NOW}"
    " WHERE EXISTS (SELECT 1 FROM taken) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen) "
    "SELECT * FROM taken"
)


async def seen(connection: Connection, server: str) -> None:
    """This owner lives now."""
    await rows(connection, _SEEN, {"server": server})


async def left(connection: Connection, server: str) -> None:
    """This one does no more."""
    await rows(connection, _LEFT, (server,))


async def take_over(connection: Connection, server: str, silent_seconds: float, limit: int) -> list[StoredInteraction]:
    """Turns in progress whose owner is gone, and which are this one's now."""
    values = {"server": server, "silent": silent_seconds, "limit": limit}
    async with connection.pipeline(), connection.transaction():
        await connection.execute(_ONE_AT_A_TIME, (_LOCK,))
        taken = await connection.execute(_TAKE.encode(), values, binary=True)
    return [stored(row) for row in await taken.fetchall()]
