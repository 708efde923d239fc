"""The port of the rows about blobs: which are kept, and which interactions hold them. Their bytes: `interplay.blobs`.

Bytes are written under a name that is used once, so whoever removes what is kept under a name, however late, removes
nothing that anybody has written since. The row comes before the bytes and goes after them:

    writing --keep--> kept --condemn--> removing --removed--> (no row)
    writing ------------------condemn-> removing

Only a kept blob is found and can be held, and only one is kept of the same bytes in a project. `NewInteraction.blobs`
holds; deleting the interaction, or its time, lets go. Times are by the database's clock. All methods raise Failure as
those of `Store` do; `tests/store/test_blobs.py` runs over all adapters.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Blob(msgspec.Struct, frozen=True):
    """Bytes that are kept."""

    name: str
    """What they are written under: of this writing only."""
    digest: str
    """Their SHA-256, 64 hexadecimal digits."""
    size: int
    """In bytes."""


class BlobIndex(Protocol):
    """Which blobs there are."""

    async def begin(self, project: str, blob: Blob, seconds: float) -> None:
        """Note that bytes are about to be written, which may take so long."""

    async def keep(self, name: str, seconds: float) -> bool:
        """What was begun is written, and stays so long although nobody holds it yet.

        False when it is not kept: the same bytes are by now, or `begin`'s time was over.
        """

    async def find(self, project: str, digest: str) -> Blob | None:
        """The kept blob with this digest."""

    async def claim(self, project: str, digest: str, seconds: float) -> Blob | None:
        """The same, which from now on stays so long although nobody may hold it."""

    async def condemn(self, seconds: float, limit: int = 100) -> list[str]:
        """The names of at most `limit` blobs of all projects that nobody holds and whose time is over.

        They are found and held no more. One that is not `removed` within so many seconds is named again.
        """

    async def removed(self, names: Sequence[str]) -> None:
        """Forget condemned blobs whose bytes are gone."""
