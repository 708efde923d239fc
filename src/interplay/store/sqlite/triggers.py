"""Triggers and executions as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import apsw
import msgspec

from interplay.store import trigger_rows as queries
from interplay.store.sqlite.files import rows
from interplay.store.sqlite.readers import Readers
from interplay.store.sqlite.servers import LIVING
from interplay.store.sqlite.writer import Writer
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

_UNBEGUN: Final = queries.UNBEGUN.format(living=LIVING.replace("?", ":silent"))


class SqliteTriggers:
    """The `TriggerStore` port on SQLite."""

    def __init__(self, main: Writer, readers: Readers) -> None:
        self._main = main
        self._readers = readers

    async def add(self, trigger: StoredTrigger, most: int) -> bool:
        """Keep a new trigger."""
        return bool(await self._write(queries.ADD, msgspec.structs.asdict(trigger) | {"most": most}))

    async def get(self, project: str, id: str) -> StoredTrigger | None:
        """One trigger, or None."""
        found = await self._read(queries.GET, {"project": project, "id": id})
        return queries.trigger(found[0]) if found else None

    async def page(
        self, project: str, conditions: Sequence[Condition], after: Place | None, limit: int, most_bytes: int
    ) -> list[StoredTrigger]:
        """The next triggers, the newest first."""
        query, values = queries.listing(project, conditions, after, limit, most_bytes)
        return [queries.trigger(row) for row in await self._read(query, values)]

    async def update(self, project: str, id: str, change: TriggerChange) -> StoredTrigger | None:
        """Change a trigger."""
        values = msgspec.structs.asdict(change) | {"project": project, "id": id}
        found = await self._write(queries.UPDATE, values)
        return queries.trigger(found[0]) if found else None

    async def remove(self, project: str, id: str) -> bool:
        """Delete a trigger."""
        return bool(await self._write(queries.REMOVE, {"project": project, "id": id}))

    async def due(self, now: float, limit: int = 100) -> list[StoredTrigger]:
        """Triggers whose time has come."""
        return [queries.trigger(row) for row in await self._read(queries.DUE, {"now": now, "limit": limit})]

    async def next_due(self) -> float | None:
        """When the next one is due."""
        moment: float | None = (await self._read(queries.NEXT_DUE, {}))[0][0]
        return moment

    async def record(
        self, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
    ) -> StoredExecution | None:
        """Keep the one or the other."""
        return await self._main.do(lambda main: _record(main, execution, otherwise, tick))

    async def executions(self, project: str, trigger: str, after: Place | None, limit: int) -> list[StoredExecution]:
        """The next executions, the newest first."""
        query, values = queries.listing_executions(project, trigger, after, limit)
        return [queries.execution(row) for row in await self._read(query, values)]

    async def begun(self, execution: StoredExecution, at: float) -> bool:
        """Note that its interaction was started."""
        return await self._main.do(lambda main: _both(main, *queries.beginning(execution, at)))

    async def put_off(self, execution: StoredExecution, at: float) -> None:
        """It could not be started now."""
        await self._write(queries.PUT_OFF, {"id": execution.id, "at": at})

    async def unbegun(
        self, server: str, silent_seconds: float, limit: int = 100, most_each: int = 10
    ) -> list[StoredExecution]:
        """What is still to be started."""
        values = {"server": server, "silent": silent_seconds, "limit": limit, "most_each": most_each}
        return [queries.execution(row) for row in await self._read(_UNBEGUN, values)]

    async def running(self) -> list[Running]:
        """What was started, and what has become of it."""
        return [queries.running(row) for row in await self._read(queries.RUNNING, {})]

    async def settle(self, settlement: Settlement) -> bool:
        """End an execution."""
        return await self._main.do(lambda main: _both(main, *queries.settling(settlement)))

    async def forget(self, before: float, limit: int = 500) -> int:
        """Remove old executions."""
        return len(await self._write(queries.FORGET, {"before": before, "limit": limit}))

    async def _read(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return await self._readers.do(_asking(query, values))

    async def _write(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return await self._main.do(_asking(query, values))


def _asking(query: str, values: dict[str, Any]) -> Callable[[apsw.Connection], list[tuple[Any, ...]]]:
    return lambda connection: rows(connection, query, values)


def _record(
    connection: apsw.Connection, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
) -> StoredExecution | None:
    if not rows(connection, *queries.moving_on(execution, tick)):
        return None
    for each in (execution, otherwise):
        if rows(connection, queries.RECORD, msgspec.structs.asdict(each)):
            return each
    return None


def _both(connection: apsw.Connection, of_execution: queries.Query, of_trigger: queries.Query) -> bool:
    changed = bool(rows(connection, *of_execution))
    if changed:
        rows(connection, *of_trigger)
    return changed
