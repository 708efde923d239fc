"""Triggers: interactions by the clock, and the loop that starts them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from interplay import clock
from interplay.api.operation import Known
from interplay.api.triggers import TriggerRoutes
from interplay.jobs.liveness import SILENT_SECONDS
from interplay.jobs.loop import Loop
from interplay.jobs.retention import SECONDS
from interplay.jobs.triggers import ALONE_SECONDS, FAULT_SECONDS, SHARING_SECONDS, TriggerClock, TriggerHistory
from interplay.parts.interactions import InteractionsPart
from interplay.parts.part import Part, Process
from interplay.triggers.executing import Executing
from interplay.triggers.settling import Settling
from interplay.triggers.triggers import Triggers


class TriggersPart(Part):
    """The triggers of one server."""

    _loop: Loop
    _triggers: Triggers

    def __init__(self, process: Process, interactions: InteractionsPart) -> None:
        self._process = process
        self._interactions = interactions

    async def open(self, stack: AsyncExitStack) -> None:
        """Over the runs, which are there by now."""
        del stack
        process, runs = self._process, self._interactions.runs
        silent, idle = (0.0, ALONE_SECONDS) if process.alone else (SILENT_SECONDS, SHARING_SECONDS)
        executing = Executing(
            process.store, runs, clock.system, process.observe, server=process.owner, silent_seconds=silent
        )
        settling = Settling(process.store, runs, clock.system)
        ticking = TriggerClock(process.store, executing, settling, clock.system, idle)
        self._loop = Loop("triggers", ticking.tick, FAULT_SECONDS, process.observe)
        self._triggers = Triggers(process.store, runs, executing, clock.system, self._loop.wake)

    def loops(self) -> Sequence[Loop]:
        """The clock, and what forgets."""
        retention = self._process.settings.server.retention_seconds
        if retention is None:
            return (self._loop,)
        history = TriggerHistory(self._process.store, clock.system, retention)
        return self._loop, Loop("trigger history", history.tick, SECONDS, self._process.observe)

    def routes(self) -> Sequence[Known]:
        """The resource."""
        return TriggerRoutes(self._triggers).routes()
