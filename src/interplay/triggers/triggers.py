"""`Triggers`: everything that can be done with a trigger, for one server process."""

from collections.abc import Callable
from itertools import accumulate
from typing import Final

import msgspec

from interplay import ids, wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.errors import Failure, invalid, not_found, shown
from interplay.notes import Note
from interplay.runs.runs import Runs
from interplay.store.base import Store
from interplay.store.database import Cursor
from interplay.store.triggers import ACTIVE, StoredExecution, StoredTrigger, TriggerChange
from interplay.triggers import resources
from interplay.triggers.cron import tidy
from interplay.triggers.executing import Executing
from interplay.triggers.filtering import conditions
from interplay.triggers.schedule import Schedule
from interplay.wire.decode_trigger import in_interaction

TIMEOUT_SECONDS: Final = 600
"""How long an execution may take that says nothing of it."""
MOST_FAILURES: Final = 5
"""How many failures in a row end a trigger that says nothing of it."""
MOST: Final = 1000
"""Triggers of one project."""
MOST_INTERACTION_BYTES: Final = 1024 * 1024
"""Of an interaction as JSON: a hundred that are due at once are read at once."""
MOST_PAGE_BYTES: Final = 16 * 1024 * 1024
"""Of all interactions on a page of triggers."""

_encode = msgspec.json.Encoder().encode


class Triggers:
    """Makes, shows and changes triggers. `changed` is told when one may be due sooner than the others."""

    def __init__(
        self, store: Store, runs: Runs, executing: Executing, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._runs = runs
        self._executing = executing
        self._clock = clock
        self._changed = changed

    async def create(self, caller: Caller, asked: wire.TriggerCreateParams) -> tuple[wire.Trigger, tuple[Note, ...]]:
        """Keep a trigger; with what will come to nothing. Raises Failure for one that could not be run now."""
        schedule = Schedule(asked.schedule, asked.time_zone)
        interaction = _kept(asked.interaction)
        with in_interaction():
            notes = await self._runs.check(caller.project, msgspec.structs.replace(asked.interaction, background=True))
        now = self._clock()
        made = StoredTrigger(
            id=ids.trigger_id(),
            project=caller.project,
            schedule=tidy(asked.schedule),
            time_zone=asked.time_zone,
            display_name=asked.display_name or "",
            interaction=interaction,
            timeout=asked.execution_timeout_seconds or TIMEOUT_SECONDS,
            most_failures=asked.max_consecutive_failures or MOST_FAILURES,
            status=ACTIVE,
            created=now,
            updated=now,
            next=schedule.after(now),
            key=caller.key,
        )
        if not await self._store.triggers.add(made, MOST):
            raise invalid(f"The project has {MOST} triggers: expected at most that many. Delete one first.")
        self._changed()
        return resources.trigger(made), notes

    async def get(self, project: str, id: str) -> wire.Trigger:
        """One trigger."""
        return resources.trigger(await self._stored(project, id))

    async def page(
        self, project: str, filter: str, after: Cursor | None, limit: int
    ) -> tuple[tuple[wire.Trigger, ...], Cursor | None]:
        """The next triggers that the filter lets pass, the newest first; the last one's place if more follow."""
        found = await self._store.triggers.page(project, conditions(filter), after, limit + 1, MOST_PAGE_BYTES)
        count = min(limit, _fitting(found))
        return tuple(map(resources.trigger, found[:count])), _place(found, count)

    async def update(self, project: str, id: str, asked: wire.TriggerUpdate) -> wire.Trigger:
        """Change a trigger. One that becomes active is due at its next time: what it missed is not made up for."""
        stored = await self._stored(project, id)
        now = self._clock()
        change = TriggerChange(
            at=now,
            display_name=asked.display_name,
            status=asked.status,
            next=Schedule(stored.schedule, stored.time_zone).after(now),
        )
        changed = await self._store.triggers.update(project, id, change)
        if changed is None:
            raise _no_trigger(id)
        self._changed()
        return resources.trigger(changed)

    async def delete(self, project: str, id: str) -> None:
        """Remove a trigger; what it has started goes on, and the history stays."""
        if not await self._store.triggers.remove(project, id):
            raise _no_trigger(id)

    async def run(self, project: str, id: str) -> wire.TriggerExecution:
        """Execute a trigger now, paused or not."""
        execution = await self._executing.ask(await self._stored(project, id))
        if execution is None:
            raise _no_trigger(id)
        self._changed()
        return resources.execution(execution)

    async def executions(
        self, project: str, id: str, after: Cursor | None, limit: int
    ) -> tuple[tuple[wire.TriggerExecution, ...], Cursor | None]:
        """The next executions, the newest first; the last one's place if more follow. Deletion leaves them."""
        found = await self._store.triggers.executions(project, id, after, limit + 1)
        if not found:
            await self._stored(project, id)
        return tuple(map(resources.execution, found[:limit])), _place(found, limit)

    async def _stored(self, project: str, id: str) -> StoredTrigger:
        stored = await self._store.triggers.get(project, id)
        if stored is None:
            raise _no_trigger(id)
        return stored


def _kept(interaction: wire.CreateInteraction) -> bytes:
    kept = _encode(interaction)
    if len(kept) > MOST_INTERACTION_BYTES:
        raise invalid(
            f"'interaction' has {len(kept)} bytes as JSON: expected at most {MOST_INTERACTION_BYTES} of what a trigger "
            "starts."
        )
    return kept


def _fitting(found: list[StoredTrigger]) -> int:
    """How many of them a page has room for, one at least."""
    sizes = accumulate(len(each.interaction) for each in found)
    return max(1, sum(size <= MOST_PAGE_BYTES for size in sizes))


def _place(found: list[StoredTrigger] | list[StoredExecution], limit: int) -> Cursor | None:
    if len(found) <= limit:
        return None
    return Cursor(found[limit - 1].created, found[limit - 1].id)


def _no_trigger(id: str) -> Failure:
    return not_found(f"Trigger {shown(id)} was not found.")
