"""The clock of the triggers: starts what is due, follows what was started, and sleeps until there is more to do."""

from typing import Final

from interplay.clock import Clock
from interplay.store.base import Store
from interplay.triggers.executing import Executing
from interplay.triggers.settling import Settling

ALONE_SECONDS: Final = 60.0
"""The longest sleep of the only server: somebody may set the machine's clock."""
SHARING_SECONDS: Final = 5.0
"""The longest sleep of one among others: what a server that is gone has left is looked for after it."""
BUSY_SECONDS: Final = 1.0
"""Between two looks at executions in progress."""
FAULT_SECONDS: Final = 5.0
"""Before a tick that went wrong is tried again."""
_BATCH: Final = 500


class TriggerClock:
    """Triggers of all projects. `idle_seconds` is its longest sleep."""

    def __init__(
        self, store: Store, executing: Executing, settling: Settling, clock: Clock, idle_seconds: float
    ) -> None:
        self._store = store
        self._executing = executing
        self._settling = settling
        self._clock = clock
        self._idle_seconds = idle_seconds

    async def tick(self) -> float:
        """Do what there is to do now; the seconds until there is more."""
        on_time = await self._executing.due()
        left, well = await self._executing.left()
        running = await self._settling.look()
        next_due = await self._store.triggers.next_due()
        longest = BUSY_SECONDS if left or running else self._idle_seconds
        soonest = longest if next_due is None else min(longest, max(0.0, next_due - self._clock()))
        return soonest if on_time and well else FAULT_SECONDS


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
