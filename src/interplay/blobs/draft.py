"""Bytes on their way, in a file of this machine, whose digest is taken while they flow."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO

from interplay.errors import Failure


class Draft:
    """A file under way."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[bytes] = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115 - closed by `seal`
        self._hash = hashlib.sha256()
        self.path = Path(self._file.name)
        self.size = 0

    async def add(self, chunk: bytes) -> None:
        """Write these bytes behind those that are there."""
        await asyncio.to_thread(self._add, chunk)

    def seal(self) -> str:
        """No more bytes come; their digest."""
        with using_disk():
            self._file.close()
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Leave nothing, unless it was moved away."""
        with suppress(OSError):  # what is left in its buffer may find no room
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _add(self, chunk: bytes) -> None:
        with using_disk():
            self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)


def make_folder(folder: Path) -> None:
    """Make the folder of drafts and those above it, for this user only."""
    with using_disk():
        for each in (folder.parent, folder):  # `parents` would leave the upper one open to others
            each.mkdir(mode=0o700, parents=True, exist_ok=True)


@asynccontextmanager
async def drafted(folder: Path) -> AsyncIterator[Draft]:
    """A draft, gone with the block."""
    with using_disk():
        draft = await asyncio.to_thread(Draft, folder)
    try:
        yield draft
    finally:
        await asyncio.to_thread(draft.discard)


def forget_drafts(folder: Path, before: float) -> None:
    """Remove what a server that died left unfinished: files last written before a time, seconds since 1970."""
    with using_disk():
        for path in folder.glob("*"):
            with suppress(FileNotFoundError):  # it was finished meanwhile
                if path.stat().st_mtime < before:
                    path.unlink()


@contextmanager
def using_disk() -> Iterator[None]:
    """Errors of the disk become a Failure."""
    try:
        yield
    except OSError as error:
        what = f"The server could not use its disk ({error.strerror})."
        raise Failure("storage_full", f"{what} Make room on the server, then send the request again.") from error
