"""Triggers and executions as Postgres rows. Whoever writes both, locks the trigger before its execution."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.store import trigger_rows as queries
from interplay.store.postgres.connections import Connection, Connections, rows, text
from interplay.store.triggers import (
    Condition,
    Place,
    Running,
    Settlement,
    StoredExecution,
    StoredTrigger,
    Tick,
    TriggerChange,
)

_LIVING: Final = (
    "SELECT id FROM servers WHERE seen > extract(epoch FROM clock_timestamp())::float8 - CAST(:silent AS float8)"
)
_UNBEGUN: Final = queries.UNBEGUN.format(living=_LIVING)


class PostgresTriggers:
    """The `TriggerStore` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, trigger: StoredTrigger, most: int) -> bool:
        """Keep a new trigger."""
        return bool(await self._rows(queries.ADD, msgspec.structs.asdict(trigger) | {"most": most}))

    async def get(self, project: str, id: str) -> StoredTrigger | None:
        """One trigger, or None."""
        found = await self._rows(queries.GET, {"project": project, "id": id}, reads=True)
        return queries.trigger(found[0]) if found else None

    async def page(
        self, project: str, conditions: Sequence[Condition], after: Place | None, limit: int, most_bytes: int
    ) -> list[StoredTrigger]:
        """The next triggers, the newest first."""
        query, values = queries.listing(project, conditions, after, limit, most_bytes)
        return [queries.trigger(row) for row in await self._rows(query, values, reads=True)]

    async def update(self, project: str, id: str, change: TriggerChange) -> StoredTrigger | None:
        """Change a trigger."""
        values = msgspec.structs.asdict(change) | {"project": project, "id": id}
        found = await self._rows(queries.UPDATE, values)
        return queries.trigger(found[0]) if found else None

    async def remove(self, project: str, id: str) -> bool:
        """Delete a trigger."""
        return bool(await self._rows(queries.REMOVE, {"project": project, "id": id}))

    async def due(self, now: float, limit: int = 100) -> list[StoredTrigger]:
        """Triggers whose time has come."""
        found = await self._rows(queries.DUE, {"now": now, "limit": limit}, reads=True)
        return [queries.trigger(row) for row in found]

    async def next_due(self) -> float | None:
        """When the next one is due."""
        moment: float | None = (await self._rows(queries.NEXT_DUE, {}, reads=True))[0][0]
        return moment

    async def record(
        self, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
    ) -> StoredExecution | None:
        """Keep the one or the other."""
        return await self._connections.do(lambda own: _record(own, execution, otherwise, tick))

    async def executions(self, project: str, trigger: str, after: Place | None, limit: int) -> list[StoredExecution]:
        """The next executions, the newest first."""
        query, values = queries.listing_executions(project, trigger, after, limit)
        return [queries.execution(row) for row in await self._rows(query, values, reads=True)]

    async def begun(self, execution: StoredExecution, at: float) -> bool:
        """Note that its interaction was started."""
        return await self._connections.do(lambda own: _both(own, execution, *queries.beginning(execution, at)))

    async def put_off(self, execution: StoredExecution, at: float) -> None:
        """It could not be started now."""
        await self._rows(queries.PUT_OFF, {"id": execution.id, "at": at})

    async def unbegun(
        self, server: str, silent_seconds: float, limit: int = 100, most_each: int = 10
    ) -> list[StoredExecution]:
        """What is still to be started."""
        values = {"server": server, "silent": silent_seconds, "limit": limit, "most_each": most_each}
        return [queries.execution(row) for row in await self._rows(_UNBEGUN, values, reads=True)]

    async def running(self) -> list[Running]:
        """What was started, and what has become of it."""
        return [queries.running(row) for row in await self._rows(queries.RUNNING, {}, reads=True)]

    async def settle(self, settlement: Settlement) -> bool:
        """End an execution."""
        return await self._connections.do(lambda own: _both(own, settlement.execution, *queries.settling(settlement)))

    async def forget(self, before: float, limit: int = 500) -> int:
        """Remove old executions."""
        return len(await self._rows(queries.FORGET, {"before": before, "limit": limit}))

    async def _rows(self, query: str, values: dict[str, Any], *, reads: bool = False) -> list[tuple[Any, ...]]:
        return await self._connections.do(lambda own: _asked(own, query, values), reads=reads)


async def _asked(connection: Connection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    held = {name: text(value) if isinstance(value, str) else value for name, value in values.items()}
    return await rows(connection, _named(query), held)


def _named(query: str) -> str:
    """The values as psycopg writes them."""
    return re.sub(r"(?<!:):(\w+)", lambda found: f"%({found[1]})s", query)


async def _record(
    connection: Connection, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
) -> StoredExecution | None:
    async with connection.transaction():
        if not await _asked(connection, *queries.moving_on(execution, tick)):
            return None
        for each in (execution, otherwise):
            if await _asked(connection, queries.RECORD, msgspec.structs.asdict(each)):
                return each
    return None


async def _both(
    connection: Connection, execution: StoredExecution, of_execution: queries.Query, of_trigger: queries.Query
) -> bool:
    async with connection.transaction():
        await _asked(connection, *queries.moving_on(execution, None))
        changed = bool(await _asked(connection, *of_execution))
        if changed:
            await _asked(connection, *of_trigger)
    return changed
