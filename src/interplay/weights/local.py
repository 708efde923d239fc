"""A model out of a file that the user brought, for machines without any network."""

import asyncio
from pathlib import Path

from interplay.weights.draft import CHUNK, Draft
from interplay.weights.errors import WeightsError
from interplay.weights.progress import Progress


async def fill(draft: Draft, source: Path, progress: Progress) -> None:
    """Copy the file into the draft from the beginning."""
    total = _length(source)
    draft.restart()
    draft.require_space(total)
    progress.begin(total, 0)
    with source.open("rb") as data:
        while block := data.read(CHUNK):
            draft.append(block)
            progress.reached(draft.length)
            await asyncio.sleep(0)


def existing(source: Path) -> Path:
    """The file, if there is one to read."""
    path = source.expanduser().absolute()
    if path.is_file():
        return path
    raise WeightsError(f"There is no file {source} to take the model from.")


def _length(source: Path) -> int:
    return source.stat().st_size
