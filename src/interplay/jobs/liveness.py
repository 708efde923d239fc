"""Of servers that share a store: each says that it lives, and ends what those left that do so no more."""

from collections.abc import Awaitable, Callable
from typing import Final

from interplay.errors import Failure
from interplay.observe import Fault, Observer
from interplay.store.base import Store

BEAT_SECONDS: Final = 1.0
"""Between two signs of life."""
SWEEP_SECONDS: Final = 1.0
"""Between two looks for runs without a server."""
SILENT_SECONDS: Final = 6.0
"""After which a server is taken for dead."""


class Heartbeat:
    """This server's signs of life."""

    def __init__(self, store: Store, server: str, monotonic: Callable[[], float], observe: Observer) -> None:
        self._store = store
        self._server = server
        self._monotonic = monotonic
        self._observe = observe
        self._first = monotonic()
        """Since when signs have come without a gap."""
        self._last = self._first

    async def tick(self) -> None:
        """Give a sign. That the store cannot be reached is said at the beginning only."""
        asked = self._monotonic()
        try:
            await self._store.seen(self._server)
        except Failure as failure:
            if self.lately():
                self._observe(Fault("heartbeat", failure))
            return
        if not self.lately():
            self._first = asked
        self._last = asked

    def lately(self) -> bool:
        """Whether the last sign is fresh."""
        return self._monotonic() - self._last < SILENT_SECONDS / 2

    def steady(self) -> bool:
        """Whether this server may call others dead: one that itself heard of nothing lately cannot know."""
        return self.lately() and self._monotonic() - self._first >= SILENT_SECONDS


class Sweep:
    """Ends the runs of servers that are gone."""

    def __init__(self, heartbeat: Heartbeat, recover: Callable[[], Awaitable[None]]) -> None:
        self._heartbeat = heartbeat
        self._recover = recover

    async def tick(self) -> None:
        """Look for such runs once."""
        if self._heartbeat.steady():
            await self._recover()
