"""Retention: removes stored interactions whose time has come."""

from collections.abc import Callable
from typing import Final

from interplay.clock import Clock
from interplay.observe import Expired, Observer
from interplay.store.base import Store

SECONDS: Final = 300.0
"""Between two looks."""

_BATCH: Final = 500


class Retention:
    """Deletes in batches until nothing is due."""

    def __init__(self, store: Store, clock: Clock, observe: Observer, on_removed: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._observe = observe
        self._on_removed = on_removed

    async def tick(self) -> None:
        """Remove everything that is due now."""
        while count := await self._store.expire(self._clock(), _BATCH):
            self._on_removed()
            self._observe(Expired(count))
