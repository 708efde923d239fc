"""Which blobs are kept, and which interactions hold them. Not here: their bytes (`interplay.blobs`).

Bytes are written under a name that is used once, so whoever removes what is kept under a name, however late, removes
nothing that anybody has written since. The row comes before the bytes and goes after them:

    writing --keep--> kept --condemn--> removing --removed--> (no row)
    writing ------------------condemn-> removing

Only a kept blob is found and can be held, and only one is kept of the same bytes in a project. `NewInteraction.blobs`
holds; deleting the interaction, or its time, lets go. Times are by the database's clock.

Several servers may write at once. Whoever holds a blob shares its row until the reference is committed; whoever
condemns has the row alone, and only then looks whether anybody holds it, in a statement of its own, which sees what
was committed meanwhile. So of the two one comes first, and the other sees it.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import not_found
from interplay.store.database import Database, Steps, Taken, ask


class Blob(msgspec.Struct, frozen=True):
    """Bytes that are kept."""

    name: str
    """What they are written under: of this writing only."""
    digest: str
    """Their SHA-256, 64 hexadecimal digits."""
    size: int
    """In bytes."""


# S608 below: all pieces of these statements are the constants here.
_BEGIN: Final = (
    "INSERT INTO blobs (name, project, digest, size, state, due)"
    " VALUES (:name, :project, :digest, :size, 0, NOW + CAST(:seconds AS float8))"
)
_KEEP: Final = (
    "UPDATE blobs SET state = 1, due = NOW + CAST(:seconds AS float8) WHERE name = :name AND state = 0 AND NOT EXISTS"
    " (SELECT 1 FROM blobs AS kept WHERE kept.project = blobs.project AND kept.digest = blobs.digest"
    " AND kept.state = 1) RETURNING 1"
)
_KEPT: Final = "FROM blobs WHERE project = :project AND digest = :digest AND state = 1"
_FIND: Final = f"SELECT name, digest, size {_KEPT}"
_CLAIM: Final = (
    "UPDATE blobs SET due = NOW + CAST(:seconds AS float8) WHERE project = :project AND digest = :digest AND state = 1"
    " RETURNING name, digest, size"
)
# The time is a SELECT of its own so that it is asked for once, and the index is used.
_DUE: Final = "SELECT name FROM blobs WHERE due <= (SELECT NOW) ORDER BY due LIMIT :limit FOR UPDATE SKIP LOCKED"
_HELD: Final = "EXISTS (SELECT 1 FROM blob_references WHERE blob = blobs.name)"
_SPARE: Final = f"UPDATE blobs SET due = NULL WHERE name = ANY(:names) AND {_HELD}"  # noqa: S608
_CONDEMN: Final = (
    "UPDATE blobs SET state = 2, due = NOW + CAST(:seconds AS float8)"  # noqa: S608
    f" WHERE name = ANY(:names) AND NOT {_HELD} RETURNING name"
)
_REMOVED: Final = "DELETE FROM blobs WHERE name = ANY(:names) AND state = 2"
_HOLD: Final = (
    "INSERT INTO blob_references (holder, blob) SELECT :holder, name FROM blobs"
    " WHERE project = :project AND digest = ANY(:digests) AND state = 1 ORDER BY name FOR SHARE"
    " RETURNING (SELECT digest FROM blobs WHERE name = blob)"
)
_DROP: Final = "DELETE FROM blob_references WHERE holder = ANY(:holders) RETURNING blob"
# A blob that has its time already is written too: that takes the row from whoever is about to spare it.
_LOOSEN: Final = "UPDATE blobs SET due = coalesce(due, NOW) WHERE name = ANY(:names)"


class BlobIndex:
    """Which blobs there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, project: str, blob: Blob, seconds: float) -> None:
        """Note that bytes are about to be written, which may take so long."""
        await self._database.write(
            _BEGIN, name=blob.name, project=project, digest=blob.digest, size=blob.size, seconds=seconds
        )

    async def keep(self, name: str, seconds: float) -> bool:
        """What was begun is written, and stays so long although nobody holds it yet.

        False when it is not kept: the same bytes are by now, or `begin`'s time was over.
        """
        try:
            return bool(await self._database.write(_KEEP, name=name, seconds=seconds))
        except Taken:  # by another writing of the same bytes, at this moment
            return False

    async def find(self, project: str, digest: str) -> Blob | None:
        """The kept blob with this digest."""
        found = await self._database.find(_FIND, project=project, digest=digest)
        return Blob(*found[0]) if found else None

    async def claim(self, project: str, digest: str, seconds: float) -> Blob | None:
        """The same, which from now on stays so long although nobody may hold it."""
        found = await self._database.write(_CLAIM, project=project, digest=digest, seconds=seconds)
        return Blob(*found[0]) if found else None

    async def condemn(self, seconds: float, limit: int = 100) -> list[str]:
        """The names of at most `limit` blobs of all projects that nobody holds and whose time is over.

        They are found and held no more. One that is not `removed` within so many seconds is named again.
        """
        return await self._database.transact(lambda: _condemn(seconds, limit))

    async def removed(self, names: Sequence[str]) -> None:
        """Forget condemned blobs whose bytes are gone."""
        await self._database.write(_REMOVED, names=list(names))


def hold(project: str, holder: str, digests: Sequence[str]) -> Steps[None]:
    """In the transaction that writes the holder. Raises Failure for a digest of which nothing is kept."""
    held = yield ask(_HOLD, project=project, holder=holder, digests=list(set(digests)))
    for digest in sorted(set(digests) - {digest for (digest,) in held}):
        raise not_found(f"There is no blob {digest}.")


def let_go(holders: Sequence[str]) -> Steps[None]:
    """In the transaction that removes the holders."""
    names = [name for (name,) in (yield ask(_DROP, holders=list(holders)))]
    if names:
        yield ask(_LOOSEN, names=names)


def _condemn(seconds: float, limit: int) -> Steps[list[str]]:
    due = [name for (name,) in (yield ask(_DUE, limit=limit))]
    yield ask(_SPARE, names=due)
    return [name for (name,) in (yield ask(_CONDEMN, names=due, seconds=seconds))]
