"""Interactions in progress that are this server's and that nobody here knows of.

Each was kept, or claimed, by a write whose answer was lost, or was left by a run that could not be written down. Work
waits again, and is gone on with; anything else is ended, since whoever asked for it was told that it had failed.
"""

from interplay.clock import Clock
from interplay.engine.status import QUEUED
from interplay.observe import Observer, RunRecovered
from interplay.runs.background import Background
from interplay.runs.live import Live
from interplay.runs.recovery import DIED, end
from interplay.store.base import Store
from interplay.store.in_progress import Owned
from interplay.store.signals import WorkWaits


class Strays:
    """Finds them by looking twice: what is just being kept or claimed is known the second time."""

    def __init__(
        self, store: Store, owner: str, live: Live, background: Background, clock: Clock, observe: Observer
    ) -> None:
        self._store = store
        self._owner = owner
        self._live = live
        self._background = background
        self._clock = clock
        self._observe = observe
        self._unknown: set[str] = set()
        """At the look before."""

    async def tick(self) -> None:
        """Look once."""
        owned = await self._store.in_progress.owned(self._owner)
        unknown = [each for each in owned if not self._known(each.id)]
        strays = [each for each in unknown if each.id in self._unknown]
        self._unknown = {each.id for each in unknown}
        for stray in strays:
            await self._settle(stray)

    def _known(self, id: str) -> bool:
        return self._live.get(id) is not None or self._background.holds(id)

    async def _settle(self, stray: Owned) -> None:
        if await self._store.work.release(stray.id, self._owner, QUEUED):
            self._store.signals.tell(WorkWaits())
        elif (stored := await self._store.get(stray.project, stray.id)) is not None and stored.owner == self._owner:
            status = await end(self._store, stored, DIED, self._clock, self._observe)
            if status is not None:
                self._observe(RunRecovered(stray.id, status))
