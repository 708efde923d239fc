"""The clock of the triggers: starts what is due, follows what was started, and sleeps until there is more to do."""

from typing import Final

from interplay.clock import Clock
from interplay.store.base import Store
from interplay.triggers.executing import Executing
from interplay.triggers.settling import Settling

IDLE_SECONDS: Final = 30.0
"""The longest sleep: another server's triggers are looked for again after it, should that server be gone."""
BUSY_SECONDS: Final = 1.0
"""Between two looks at executions in progress."""
FAULT_SECONDS: Final = 5.0
"""Before a tick that went wrong is tried again."""
_BATCH: Final = 500


class TriggerClock:
    """Triggers of all projects."""

    def __init__(self, store: Store, executing: Executing, settling: Settling, clock: Clock) -> None:
        self._store = store
        self._executing = executing
        self._settling = settling
        self._clock = clock

    async def tick(self) -> float:
        """Do what there is to do now; the seconds until there is more."""
        left = await self._executing.left()
        well = await self._executing.due()
        busy = await self._settling.look() or left
        next_due = await self._store.triggers.next_due()
        soonest = IDLE_SECONDS if next_due is None else min(IDLE_SECONDS, max(0.0, next_due - self._clock()))
        return min(soonest, BUSY_SECONDS) if busy else max(soonest, 0.0 if well else FAULT_SECONDS)


class TriggerHistory:
    """Removes executions that are older than interactions may be."""

    def __init__(self, store: Store, clock: Clock, retention_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention_seconds

    async def tick(self) -> None:
        """Remove everything that is due now."""
        while await self._store.triggers.forget(self._clock() - self._retention, _BATCH):
            pass
