"""The port of where bytes are kept: under names that are each written once, with at most one `/`.

All methods raise Failure when the place cannot be used (`storage_full`, `unavailable`), with a message for clients too:
it has no key, path or address. What is written is there whole, and survives a power cut, once `write` returns; before,
it is not there. `tests/blobs` run over all adapters.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """A folder or a bucket."""

    @property
    def shown(self) -> str:
        """What messages for the operator call it."""

    @property
    def drafts(self) -> Path:
        """The folder of this machine where bytes are gathered before they are written."""

    async def write(self, name: str, draft: Path) -> None:
        """Keep the file's content. The file may be gone after."""

    async def has(self, name: str) -> bool:
        """Whether something is kept under the name."""

    def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`, in pieces; fewer if there are no more, none of no such name."""

    async def remove(self, names: Sequence[str]) -> None:
        """Keep these no more; one that is not there is no error."""
