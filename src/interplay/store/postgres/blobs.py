"""Which blobs there are and who holds them, as Postgres rows.

Several servers write at once. Whoever holds a blob shares its row until the reference is committed; whoever condemns
has the row alone, and only then looks whether anybody holds it, in a statement of its own, which sees what was
committed meanwhile. So of the two one comes first, and the other sees it.
"""

from collections.abc import Sequence
from typing import Final

from psycopg import errors

from interplay.errors import not_found
from interplay.store.blobs import Blob
from interplay.store.postgres.connections import Connection, Connections, rows, text

_NOW: Final = "extract(epoch FROM statement_timestamp())::float8"
# S608 below: all pieces of these statements are the constants here.
_BEGIN: Final = (
    "INSERT INTO blobs (name, project, digest, size, state, due)"  # noqa: S608
    f" VALUES (%s, %s, %s, %s, 0, {_NOW} + %s::float8)"
)
_KEEP: Final = f"UPDATE blobs SET state = 1, due = {_NOW} + %s::float8 WHERE name = %s AND state = 0 RETURNING 1"  # noqa: S608
_FIND: Final = "SELECT name, digest, size FROM blobs WHERE project = %s AND digest = %s AND state = 1"
_CLAIM: Final = (
    f"UPDATE blobs SET due = {_NOW} + %s::float8 WHERE project = %s AND digest = %s AND state = 1"  # noqa: S608
    " RETURNING name, digest, size"
)
_DUE: Final = f"SELECT name FROM blobs WHERE due <= {_NOW} ORDER BY due LIMIT %s FOR UPDATE SKIP LOCKED"  # noqa: S608
_HELD: Final = "EXISTS (SELECT 1 FROM blob_references WHERE blob = blobs.name)"
_SPARE: Final = f"UPDATE blobs SET due = NULL WHERE name = ANY(%s) AND {_HELD}"  # noqa: S608
_CONDEMN: Final = (
    f"UPDATE blobs SET state = 2, due = {_NOW} + %s::float8 WHERE name = ANY(%s) AND NOT {_HELD} RETURNING name"  # noqa: S608
)
_REMOVED: Final = "DELETE FROM blobs WHERE name = ANY(%s) AND state = 2"
_HOLD: Final = (
    "WITH kept AS (SELECT name, digest FROM blobs WHERE project = %s AND digest = ANY(%s) AND state = 1"
    " ORDER BY name FOR SHARE), "
    "held AS (INSERT INTO blob_references (holder, blob) SELECT %s, name FROM kept) "
    "SELECT digest FROM kept"
)
_LET_GO: Final = (
    "WITH dropped AS (DELETE FROM blob_references WHERE holder = ANY(%s) RETURNING blob) "  # noqa: S608
    # A blob that has its time already is written too: that takes the row from whoever is about to spare it.
    f"UPDATE blobs SET due = coalesce(due, {_NOW}) WHERE name IN (SELECT blob FROM dropped)"
)


class PostgresBlobs:
    """The `BlobIndex` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def begin(self, project: str, blob: Blob, seconds: float) -> None:
        """Note that bytes are about to be written."""
        values = (blob.name, project, blob.digest, blob.size, seconds)
        await self._connections.do(lambda own: rows(own, _BEGIN, values))

    async def keep(self, name: str, seconds: float) -> bool:
        """What was begun is written."""
        return await self._connections.do(lambda own: _keep(own, name, seconds))

    async def find(self, project: str, digest: str) -> Blob | None:
        """The kept blob with this digest."""
        found = await self._connections.read(lambda own: rows(own, _FIND, (project, text(digest))))
        return Blob(*found[0]) if found else None

    async def claim(self, project: str, digest: str, seconds: float) -> Blob | None:
        """The same, which stays so long."""
        found = await self._connections.do(lambda own: rows(own, _CLAIM, (seconds, project, text(digest))))
        return Blob(*found[0]) if found else None

    async def condemn(self, seconds: float, limit: int = 100) -> list[str]:
        """Blobs that nobody holds and whose time is over."""
        return await self._connections.do(lambda own: _condemn(own, seconds, limit))

    async def removed(self, names: Sequence[str]) -> None:
        """Forget condemned blobs."""
        await self._connections.do(lambda own: rows(own, _REMOVED, (list(names),)))


async def hold(connection: Connection, project: str, holder: str, digests: Sequence[str]) -> None:
    """In the transaction that writes the holder. Raises Failure for a digest of which nothing is kept."""
    asked = {text(digest) for digest in digests}
    held = await rows(connection, _HOLD, (project, list(asked), holder))
    for digest in sorted(asked - {digest for (digest,) in held}):
        raise not_found(f"There is no blob {digest}.")


async def let_go(connection: Connection, holders: Sequence[str]) -> None:
    """In the transaction that removes the holders."""
    await rows(connection, _LET_GO, (list(holders),))


async def _keep(connection: Connection, name: str, seconds: float) -> bool:
    try:
        return bool(await rows(connection, _KEEP, (seconds, name)))
    except errors.UniqueViolation:  # another writing of the same bytes is kept
        return False


async def _condemn(connection: Connection, seconds: float, limit: int) -> list[str]:
    async with connection.transaction():
        due = [name for (name,) in await rows(connection, _DUE, (limit,))]
        await rows(connection, _SPARE, (due,))
        return [name for (name,) in await rows(connection, _CONDEMN, (seconds, due))]
