"""`Blobs`: everything that can be done with blobs. Joins the bytes' place and the rows that say which are kept.

The same bytes are one blob within a project. Between projects they are not shared: how long an upload takes would tell
one what another has.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from interplay.blobs.base import Place
from interplay.blobs.draft import Draft, drafted, forget_drafts, make_folder
from interplay.errors import Failure, invalid, not_found, shown
from interplay.store.blobs import Blob, BlobIndex

GRACE_SECONDS: Final = 3600.0
"""How long a blob that nobody holds stays: longer than the way from an upload to the row that holds it."""
_AGAIN_SECONDS: Final = 60.0
"""After which a removal that was not finished is done again."""

Secret = Callable[[str, bytes], Awaitable[bytes]]


class Blobs:
    """Keeps bytes and gives them back, for one server process."""

    def __init__(self, index: BlobIndex, place: Place, secret: Secret, grace_seconds: float = GRACE_SECONDS) -> None:
        self._index = index
        self._place = place
        self._secret = secret
        self._grace = grace_seconds
        self._mark = ""

    async def open(self) -> None:
        """See that the place can be written to, and that it is the one that the database's blobs are in."""
        mark = _fresh("mark")
        with self._named():
            await asyncio.to_thread(make_folder, self._place.drafts)
            await self._leave(mark)
        self._mark = (await self._secret("blobs", mark.encode())).decode()
        if self._mark != mark:
            await self._place.remove([mark])
            await self.check()

    async def check(self) -> None:
        """Raises Failure when the place cannot be read, or is another one."""
        with self._named():
            there = await self._place.has(self._mark)
        if not there:
            raise Failure(
                "unavailable",
                f"The database's blobs are not in {self._place.shown}: {self._mark} is missing there. Name the folder "
                "or bucket that all its servers share. If the blobs are lost, put an empty file of that name there.",
            )

    async def put(self, project: str, content: bytes | AsyncIterable[bytes]) -> Blob:
        """Keep bytes. They stay for an hour at least; an interaction that names the digest holds them after."""
        async with drafted(self._place.drafts) as draft:
            async for chunk in _chunks(content):
                await draft.add(chunk)
            return await self._kept(project, draft, draft.seal())

    async def find(self, project: str, digest: str) -> Blob | None:
        """Whether these bytes are kept, and how many they are."""
        return await self._index.find(project, digest)

    async def get(self, project: str, digest: str) -> bytes:
        """All bytes. Raises Failure `not_found`, and `internal` when they are not what they were."""
        return b"".join([piece async for piece in self.read(project, digest)])

    async def read(self, project: str, digest: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`, in pieces.

        Raises Failure as `get`. Damage is found at the end at the latest; changed bytes only when all are read.
        """
        blob = await self._index.find(project, digest)
        if blob is None:
            raise not_found(f"There is no blob {shown(digest)}.")
        end = blob.size if end is None else end
        if not 0 <= start <= end <= blob.size:
            raise invalid(f"The blob {digest} has {blob.size} bytes, so there are none from {start} to {end}.")
        async for piece in self._checked(blob, start, end):
            yield piece

    async def sweep(self) -> int:
        """Remove what nobody holds, and what servers that died left unfinished; how many blobs."""
        await asyncio.to_thread(forget_drafts, self._place.drafts, time.time() - self._grace)
        count = 0
        while names := await self._index.condemn(_AGAIN_SECONDS):
            await self._place.remove(names)
            await self._index.removed(names)
            count += len(names)
        return count

    async def _leave(self, mark: str) -> None:
        async with drafted(self._place.drafts) as draft:
            draft.seal()
            await self._place.write(mark, draft.path)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """The operator hears which place cannot be used; clients need not know."""
        try:
            yield
        except Failure as failure:
            raise Failure(failure.code, f"{failure.message} It is {self._place.shown}.") from failure

    async def _kept(self, project: str, draft: Draft, digest: str) -> Blob:
        known = await self._index.claim(project, digest, self._grace)
        if known is None:
            return await self._write(project, draft, _blob(digest, draft.size))
        if not await self._place.has(known.name):  # lost: the same bytes bring it back
            await self._place.write(known.name, draft.path)
        return known

    async def _write(self, project: str, draft: Draft, blob: Blob) -> Blob:
        await self._index.begin(project, blob, self._grace)
        await self._place.write(blob.name, draft.path)
        if await self._index.keep(blob.name, self._grace):
            return blob
        other = await self._index.claim(project, blob.digest, self._grace)
        if other is None:
            raise Failure("unavailable", "The blob store was too slow to keep what was sent. Send it again.")
        return other

    async def _checked(self, blob: Blob, start: int, end: int) -> AsyncIterator[bytes]:
        digest, size = hashlib.sha256(), 0
        async for piece in self._place.read(blob.name, start, end):
            size += len(piece)
            await asyncio.to_thread(digest.update, piece)
            yield piece
        if size != end - start:
            raise _damaged(blob, f"{end - start} bytes were expected, {size} are there")
        if size == blob.size and digest.hexdigest() != blob.digest:
            raise _damaged(blob, "its bytes are others")


def _damaged(blob: Blob, how: str) -> Failure:
    return Failure("internal", f"The blob {blob.digest} is damaged: {how}. Bring {blob.name} back from a backup.")


def _blob(digest: str, size: int) -> Blob:
    # In folders by its beginning, so that none grows too long.
    return Blob(_fresh(f"{digest[:2]}/{digest}"), digest, size)


def _fresh(what: str) -> str:
    return f"{what}-{secrets.token_hex(8)}"


async def _chunks(content: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for chunk in content:
        yield chunk
