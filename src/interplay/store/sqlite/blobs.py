"""Which blobs there are and who holds them, as SQLite rows. The one writer makes every act here atomic."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import apsw

from interplay.errors import not_found
from interplay.store.blobs import Blob
from interplay.store.sqlite.files import Values, rows
from interplay.store.sqlite.writer import Writer

_NOW: Final = "unixepoch('subsec')"
# S608 below: all pieces of these statements are the constants here.
_BEGIN: Final = f"INSERT INTO blobs (name, project, digest, size, state, due) VALUES (?, ?, ?, ?, 0, {_NOW} + ?)"  # noqa: S608
_KEEP: Final = (
    f"UPDATE blobs SET state = 1, due = {_NOW} + ? WHERE name = ? AND state = 0 AND NOT EXISTS"  # noqa: S608
    " (SELECT 1 FROM blobs AS kept WHERE kept.project = blobs.project AND kept.digest = blobs.digest"
    " AND kept.state = 1)"
)
_KEPT: Final = "FROM blobs WHERE project = ? AND digest = ? AND state = 1"
_FIND: Final = f"SELECT name, digest, size {_KEPT}"
_CLAIM: Final = (
    f"UPDATE blobs SET due = {_NOW} + ? WHERE project = ? AND digest = ? AND state = 1"  # noqa: S608
    " RETURNING name, digest, size"
)
_DUE: Final = f"name IN (SELECT name FROM blobs WHERE due <= {_NOW} ORDER BY due LIMIT ?)"  # noqa: S608
_HELD: Final = "EXISTS (SELECT 1 FROM blob_references WHERE blob = blobs.name)"
_SPARE: Final = f"UPDATE blobs SET due = NULL WHERE {_DUE} AND {_HELD}"  # noqa: S608
_CONDEMN: Final = f"UPDATE blobs SET state = 2, due = {_NOW} + ? WHERE {_DUE} AND NOT {_HELD} RETURNING name"  # noqa: S608
_REMOVED: Final = "DELETE FROM blobs WHERE name = ? AND state = 2"
_HOLD: Final = f"INSERT INTO blob_references (holder, blob) SELECT ?, name {_KEPT}"
_LOOSEN: Final = (
    f"UPDATE blobs SET due = coalesce(due, {_NOW}) WHERE name IN"  # noqa: S608
    " (SELECT blob FROM blob_references WHERE holder = ?)"
)
_LET_GO: Final = "DELETE FROM blob_references WHERE holder = ?"


class SqliteBlobs:
    """The `BlobIndex` port on SQLite."""

    def __init__(self, main: Writer, row: Callable[[str, Values], tuple[Any, ...] | None]) -> None:
        self._main = main
        self._row = row

    async def begin(self, project: str, blob: Blob, seconds: float) -> None:
        """Note that bytes are about to be written."""
        values = (blob.name, project, blob.digest, blob.size, seconds)
        await self._main.do(lambda main: rows(main, _BEGIN, values))

    async def keep(self, name: str, seconds: float) -> bool:
        """What was begun is written."""
        return await self._main.do(lambda main: _changes(main, _KEEP, (seconds, name)) == 1)

    async def find(self, project: str, digest: str) -> Blob | None:
        """The kept blob with this digest."""
        row = self._row(_FIND, (project, digest))
        return Blob(*row) if row else None

    async def claim(self, project: str, digest: str, seconds: float) -> Blob | None:
        """The same, which stays so long."""
        found = await self._main.do(lambda main: rows(main, _CLAIM, (seconds, project, digest)))
        return Blob(*found[0]) if found else None

    async def condemn(self, seconds: float, limit: int = 100) -> list[str]:
        """Blobs that nobody holds and whose time is over."""
        return await self._main.do(partial(_condemn, seconds=seconds, limit=limit))

    async def removed(self, names: Sequence[str]) -> None:
        """Forget condemned blobs."""
        await self._main.do(lambda main: main.executemany(_REMOVED, [(name,) for name in names]))


def hold(connection: apsw.Connection, project: str, holder: str, digests: Sequence[str]) -> None:
    """In the transaction that writes the holder. Raises Failure for a digest of which nothing is kept."""
    for digest in set(digests):
        if not _changes(connection, _HOLD, (holder, project, digest)):
            raise not_found(f"There is no blob {digest}.")


def let_go(connection: apsw.Connection, holders: Sequence[str]) -> None:
    """In the transaction that removes the holders."""
    for holder in holders:
        connection.execute(_LOOSEN, (holder,))
        connection.execute(_LET_GO, (holder,))


def _condemn(connection: apsw.Connection, seconds: float, limit: int) -> list[str]:
    connection.execute(_SPARE, (limit,))
    return [name for (name,) in rows(connection, _CONDEMN, (seconds, limit))]


def _changes(connection: apsw.Connection, query: str, values: Values) -> int:
    connection.execute(query, values)
    return connection.changes()
