"""Follows executions to their end, and ends those whose time is up."""

import asyncio
from contextlib import suppress
from typing import Final

from interplay.clock import Clock
from interplay.errors import Failure
from interplay.runs.runs import Runs
from interplay.store.base import Store
from interplay.store.triggers import Running
from interplay.triggers.outcome import deadline, outcome

_PATIENCE_SECONDS: Final = 1.0
"""How long a cancelled interaction is waited for; the next look sees it, too."""


class Settling:
    """Looks at what is in progress on all servers: whoever sees an end first, notes it."""

    def __init__(self, store: Store, runs: Runs, clock: Clock) -> None:
        self._store = store
        self._runs = runs
        self._clock = clock

    async def look(self) -> int:
        """Look once; how many executions are in progress still."""
        running = await self._store.triggers.running()
        ends = [outcome(each, self._clock()) for each in running]
        for end in filter(None, ends):
            await self._store.triggers.settle(end)
        going_on = [each for each, end in zip(running, ends, strict=True) if end is None]
        overdue = [each for each in going_on if deadline(each) <= self._clock()]
        await asyncio.gather(*map(self._cancel, overdue))
        return len(going_on)

    async def _cancel(self, running: Running) -> None:
        with suppress(Failure, TimeoutError):  # it has just ended, or its server will do it
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._runs.cancel(running.execution.project, running.execution.interaction)
