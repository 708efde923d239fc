"""Blobs: removes those that nobody holds, and knows whether their place can be used."""

from typing import Final

from interplay.blobs.blobs import Blobs
from interplay.errors import Failure
from interplay.observe import BlobsRemoved, Observer

SECONDS: Final = 30.0
"""Between two looks."""


class BlobSweep:
    """Looks after the place of blobs, which has just been opened."""

    def __init__(self, blobs: Blobs, observe: Observer) -> None:
        self._blobs = blobs
        self._observe = observe
        self._usable = True

    async def tick(self) -> None:
        """Look once. Raises Failure when the place cannot be used."""
        try:
            await self._blobs.check()
        except Failure:
            self._usable = False
            raise
        self._usable = True
        if count := await self._blobs.sweep():
            self._observe(BlobsRemoved(count))

    def usable(self) -> bool:
        """Whether the place could be used at the last look."""
        return self._usable
