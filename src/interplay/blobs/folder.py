"""Bytes as files of a local folder, for this user only."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from interplay.blobs.draft import using_disk

T = TypeVar("T")

_PIECE: Final = 1 << 20


class Folder:
    """The `Place` port on a file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.shown = f"the folder {folder}"
        self.drafts = folder / "drafts"
        """On the same file system, so that a finished one needs only a new name."""

    async def write(self, name: str, draft: Path) -> None:
        """The file itself becomes what is kept."""
        await _do(lambda: self._move(draft, self._path(name)))

    async def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return await _do(self._path(name).is_file)

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """A part of the file."""
        if not await self.has(name):
            return
        with await _do(lambda: self._path(name).open("rb", buffering=0)) as file:
            await _do(lambda: file.seek(start))
            while piece := await _do(lambda: file.read(min(_PIECE, end - file.tell()))):
                yield piece

    async def remove(self, names: Sequence[str]) -> None:
        """Unlink the files."""
        for name in names:
            await _do(partial(self._path(name).unlink, missing_ok=True))

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _move(self, draft: Path, path: Path) -> None:
        _to_disk(draft)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft.replace(path)
        _to_disk(path.parent)
        _to_disk(self._folder)


def _to_disk(path: Path) -> None:
    """What is there, content or names, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _do(act: Callable[[], T]) -> T:
    with using_disk():
        return await asyncio.to_thread(act)
