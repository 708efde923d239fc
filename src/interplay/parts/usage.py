"""What is used, and how much of it is allowed."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from interplay.clock import Clock
from interplay.errors import listed
from interplay.jobs.liveness import SILENT_SECONDS
from interplay.jobs.loop import Loop
from interplay.parts.part import Part, Process
from interplay.runs.counting import Counting
from interplay.runs.limits import Limits
from interplay.runs.metering import SECONDS, Meter
from interplay.settings import SettingsError
from interplay.settings.limits import LimitsSettings

_COUNT_SECONDS: Final = 2.0
"""Between two tries to write what could not be counted."""


class UsagePart(Part):
    """The meter."""

    def __init__(self, process: Process) -> None:
        self._observe = process.observe
        self.meter = Meter(process.store, process.owner, process.observe)

    async def open(self, stack: AsyncExitStack) -> None:
        """At the stop, write down what is left."""
        stack.push_async_callback(self.meter.tick)

    def loops(self) -> Sequence[Loop]:
        """Writes down what was used."""
        return (Loop("usage", self.meter.tick, SECONDS, self._observe),)


class LimitsPart(Part):
    """The operator's limits. `now` is the time for them; the store's own unless it is given."""

    def __init__(self, process: Process, now: Clock | None) -> None:
        self._process = process
        self._settings = process.settings.limits
        self._counting = Counting(process.store, process.owner, silent_seconds=SILENT_SECONDS, clock=now)
        self.limits = Limits(self._settings, process.store, self._counting, process.observe)

    async def open(self, stack: AsyncExitStack) -> None:
        """Raises SettingsError for limits of keys that nobody has."""
        if unknown := sorted(set(self._settings.keys) - {key.id for key in await self._process.store.keys()}):
            raise SettingsError(
                f"There are limits for keys that this server does not know: {listed(unknown)}. Expected ids of "
                "'interplay keys list'."
            )
        stack.push_async_callback(self._counting.settled)

    def loops(self) -> Sequence[Loop]:
        """Writes what could not be counted."""
        if self._settings == LimitsSettings():
            return ()
        return (Loop("limits", self._counting.tick, _COUNT_SECONDS, self._process.observe),)
