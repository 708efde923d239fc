"""What is starting or in progress in this process, and how long it may go on once the server is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from interplay.errors import Failure


class Grace:
    """Counts what is busy, lets nothing new start after the stop, and nothing go on starting after the grace period."""

    def __init__(self) -> None:
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._starting: set[asyncio.Timeout] = set()
        self._closed = False
        self.over = False
        """Whether the grace period has ended."""

    @asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """While something starts. Raises Failure `unavailable` once the server stops."""
        if self._closed:
            raise _shutting_down()
        self._count(+1)
        limit = asyncio.timeout(None)
        self._starting.add(limit)
        try:
            async with limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise _shutting_down() from None
            raise
        finally:
            self._starting.discard(limit)
            self._count(-1)

    def began(self) -> None:
        """Something has started; it is busy until `ended`."""
        self._count(+1)

    def ended(self) -> None:
        """Something that had started has ended."""
        self._count(-1)

    async def close(self, seconds: float, stop: Callable[[], None]) -> None:
        """Let nothing new start and wait until nothing is busy, after so many seconds with the help of `stop`."""
        self._closed = True
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            self.over = True
            for limit in self._starting:
                limit.reschedule(0)
            stop()
            await self._idle.wait()

    def _count(self, change: int) -> None:
        self._busy += change
        if self._busy:
            self._idle.clear()
        else:
            self._idle.set()


def _shutting_down() -> Failure:
    return Failure("unavailable", "The server is shutting down. Send the request again in a moment.")
