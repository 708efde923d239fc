"""That this server lives, and what is done about those that do so no more.

The only server of a store ends what the one before it has left, once, when it starts. Of several, each gives signs of
life and ends what others have left as soon as they are known to be dead.
"""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial

from interplay import clock, ids
from interplay.errors import Failure
from interplay.jobs.liveness import BEAT_SECONDS, SILENT_SECONDS, SWEEP_SECONDS, Heartbeat, Sweep
from interplay.jobs.loop import Loop
from interplay.parts.part import Part, Process
from interplay.runs.recovery import recover


class PresencePart(Part):
    """Signs of life, and recovery."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._heartbeat: Heartbeat | None = None
        """Of one server among others."""

    async def open(self, stack: AsyncExitStack) -> None:
        """End what can be ended now, or be seen."""
        if self._process.alone:
            await self._recover(silent_seconds=0)
            return
        await self._process.store.seen(self._process.owner)
        stack.push_async_callback(self._leave)
        self._heartbeat = Heartbeat(self._process.store, self._process.owner, time.monotonic, self._process.observe)

    def loops(self) -> Sequence[Loop]:
        """Of one server among others."""
        if self._heartbeat is None:
            return ()
        sweep = Sweep(self._heartbeat, partial(self._recover, SILENT_SECONDS))
        return (
            Loop("heartbeat", self._heartbeat.tick, BEAT_SECONDS, self._process.observe),
            Loop("sweep", sweep.tick, SWEEP_SECONDS, self._process.observe),
        )

    def ready(self) -> dict[str, bool]:
        """Whether the database has answered lately."""
        return {"database": self._heartbeat.lately()} if self._heartbeat is not None else {}

    async def _recover(self, silent_seconds: float) -> None:
        process = self._process
        await recover(process.store, ids.owner(), silent_seconds, clock.system, process.observe)

    async def _leave(self) -> None:
        with suppress(Failure):  # then the others find out by themselves
            await self._process.store.left(self._process.owner)
