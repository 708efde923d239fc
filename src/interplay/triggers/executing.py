"""Records executions, and starts their interactions: in this order, and the second again until it is done."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import msgspec

from interplay import ids, wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.errors import Failure
from interplay.observe import Fault, Observer
from interplay.runs.runs import Runs
from interplay.store.base import Store
from interplay.store.triggers import IN_PROGRESS, Settlement, StoredExecution, StoredTrigger, Tick
from interplay.triggers.schedule import Schedule

LATEST_SECONDS: Final = 3600.0
"""How late a trigger that was due while no server ran is still run."""

_TOO_LATE: Final = f"No server was running when it was due, nor in the {LATEST_SECONDS:.0f} seconds after."
_BUSY: Final = "An earlier execution was still in progress."

_request = msgspec.json.Decoder(wire.CreateInteraction)
_FOR_GOOD: Final = frozenset({"invalid_request", "not_found", "permission_denied", "request_too_large"})
"""Failures that the same request will meet again."""


class Executing:
    """One server's part in it. `server` is its name to the store, as an owner; gone is who is silent for so long."""

    def __init__(
        self, store: Store, runs: Runs, clock: Clock, observe: Observer, *, server: str, silent_seconds: float
    ) -> None:
        self._store = store
        self._runs = runs
        self._clock = clock
        self._observe = observe
        self._server = server
        self._silent_seconds = silent_seconds
        self._starting: set[str] = set()

    async def due(self) -> bool:
        """Execute what is due; whether all of that went well. Of several times that were missed, the last counts."""
        return await self._all(*(self._due(trigger) for trigger in await self._store.triggers.due(self._clock())))

    async def left(self) -> tuple[int, bool]:
        """Start what this server, or one that is gone, has only recorded: how much, and whether it went well."""
        unbegun = await self._store.triggers.unbegun(self._server, self._silent_seconds)
        tried = (self._go_on(execution) for execution in unbegun if execution.id not in self._starting)
        return len(unbegun), await self._all(*tried)

    async def ask(self, trigger: StoredTrigger) -> StoredExecution | None:
        """Execute a trigger because somebody wants it now; None when it was deleted meanwhile."""
        recorded = await self._store.triggers.record(*self._new(trigger, None), tick=None)
        return await self._begin(recorded, trigger) if recorded else None

    async def _due(self, trigger: StoredTrigger) -> None:
        schedule, now = Schedule(trigger.schedule, trigger.time_zone), self._clock()
        scheduled = schedule.latest(now)
        execution, otherwise = self._new(trigger, scheduled)
        if now - scheduled > LATEST_SECONDS:
            execution = msgspec.structs.replace(otherwise, error=_TOO_LATE)
        tick = Tick(trigger.next or scheduled, schedule.after(now))
        if recorded := await self._store.triggers.record(execution, otherwise, tick):
            await self._begin(recorded, trigger)

    async def _go_on(self, execution: StoredExecution) -> None:
        trigger = await self._store.triggers.get(execution.project, execution.trigger)
        if trigger is not None:
            await self._begin(execution, trigger)
            return
        await self._end(execution, "skipped", "The trigger was deleted before its interaction was started.")

    def _new(self, trigger: StoredTrigger, scheduled: float | None) -> tuple[StoredExecution, StoredExecution]:
        """An execution, and what is recorded instead while another one is in progress."""
        now = self._clock()
        execution = StoredExecution(
            id=ids.execution_id(trigger.id, scheduled),
            project=trigger.project,
            trigger=trigger.id,
            status=IN_PROGRESS,
            interaction=ids.interaction_id(),
            owner=self._server,
            timeout=trigger.timeout,
            created=now,
            scheduled=scheduled,
        )
        return execution, msgspec.structs.replace(execution, status="skipped", ended=now, error=_BUSY)

    async def _begin(self, execution: StoredExecution, trigger: StoredTrigger) -> StoredExecution:
        """Start the interaction of an execution that was recorded; the execution then."""
        if execution.status != IN_PROGRESS:
            return execution
        self._starting.add(execution.id)
        try:
            await self._start(execution, trigger)
        except Failure as failure:
            return await self._not_started(execution, failure)
        finally:
            self._starting.discard(execution.id)
        now = self._clock()
        await self._store.triggers.begun(execution, now)
        return msgspec.structs.replace(execution, started=now)

    async def _start(self, execution: StoredExecution, trigger: StoredTrigger) -> None:
        if await self._is_started(execution):
            return
        request = msgspec.structs.replace(_request.decode(trigger.interaction), background=True)
        try:
            await self._runs.enqueue(Caller(execution.project, trigger.key), request, execution.interaction)
        except Failure:
            # The store refuses a second interaction with this id: another server was faster.
            if not await self._is_started(execution):
                raise

    async def _is_started(self, execution: StoredExecution) -> bool:
        return await self._store.get(execution.project, execution.interaction) is not None

    async def _not_started(self, execution: StoredExecution, failure: Failure) -> StoredExecution:
        late = self._clock() - execution.created >= execution.timeout
        if failure.code in _FOR_GOOD or late:
            return await self._end(execution, "failed", failure.message, failed=True)
        await self._store.triggers.put_off(execution, self._clock())
        return execution

    async def _end(
        self, execution: StoredExecution, status: str, error: str, *, failed: bool = False
    ) -> StoredExecution:
        now = self._clock()
        await self._store.triggers.settle(
            Settlement(execution=execution, status=status, failed=failed, at=now, error=error)
        )
        return msgspec.structs.replace(execution, status=status, ended=now, error=error)

    async def _all(self, *acts: Awaitable[None]) -> bool:
        """One that breaks does not hold up the others."""
        errors = [error for error in await asyncio.gather(*acts, return_exceptions=True) if error is not None]
        for error in errors:
            self._observe(Fault("trigger", error))
        return not errors
