"""The rows of triggers and executions.

An execution is recorded before its interaction is started, with the interaction's id chosen, so that a crash between
the two leaves something to start and never two of it. Of a trigger at most one execution is in progress.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.store.database import Cursor, Database, Query, Steps, Value, ask
from interplay.store.triggers import (
    Condition,
    Running,
    Settlement,
    StoredExecution,
    StoredTrigger,
    Tick,
    TriggerChange,
)

_TRIGGER: Final = StoredTrigger.__struct_fields__
_EXECUTION: Final = StoredExecution.__struct_fields__
_TRIGGER_COLUMNS: Final = ", ".join(_TRIGGER)
_EXECUTION_COLUMNS: Final = ", ".join(_EXECUTION)

# S608 below: all pieces of these statements are constants of this module, the fields' names among them.
_TRIGGERS: Final = f"SELECT {_TRIGGER_COLUMNS} FROM triggers"  # noqa: S608
_EXECUTIONS: Final = f"SELECT {_EXECUTION_COLUMNS} FROM trigger_executions"  # noqa: S608
_ORDER: Final = "ORDER BY created DESC, id DESC LIMIT :limit"
_AFTER: Final = "(created, id) < (:created, :after)"

_ADD: Final = (
    f"INSERT INTO triggers ({_TRIGGER_COLUMNS}) SELECT {', '.join(f':{name}' for name in _TRIGGER)}"  # noqa: S608
    " WHERE (SELECT count(*) FROM triggers WHERE project = :project) < :most RETURNING 1"
)
_GET: Final = f"{_TRIGGERS} WHERE id = :id AND project = :project"
_UPDATE: Final = (
    "UPDATE triggers SET updated = :at, display_name = coalesce(:display_name, display_name),"  # noqa: S608
    " status = coalesce(:status, status),"
    # What has the status already keeps its times.
    " next = CASE WHEN coalesce(:status, status) = status THEN next"
    " WHEN :status = 'active' THEN :next END,"
    " failures = CASE WHEN :status = 'active' AND status <> 'active' THEN 0 ELSE failures END,"
    " last_pause = CASE WHEN :status <> 'active' AND status = 'active' THEN :at ELSE last_pause END,"
    " last_resume = CASE WHEN :status = 'active' AND status <> 'active' THEN :at ELSE last_resume END"
    f" WHERE id = :id AND project = :project RETURNING {_TRIGGER_COLUMNS}"
)
_REMOVE: Final = "DELETE FROM triggers WHERE id = :id AND project = :project RETURNING 1"
_DUE: Final = f"{_TRIGGERS} WHERE next <= :now ORDER BY next, id LIMIT :limit"
_NEXT_DUE: Final = "SELECT min(next) FROM triggers WHERE next IS NOT NULL"

_HOLD: Final = "SELECT 1 FROM triggers WHERE id = :id AND project = :project FOR UPDATE"
"""Whoever writes both locks the trigger before its execution."""
_MOVE_ON: Final = "UPDATE triggers SET next = :next WHERE id = :id AND project = :project AND next = :due RETURNING 1"
_RECORD: Final = (
    f"INSERT INTO trigger_executions ({_EXECUTION_COLUMNS})"  # noqa: S608
    f" VALUES ({', '.join(f':{name}' for name in _EXECUTION)}) ON CONFLICT DO NOTHING RETURNING 1"
)
_BEGUN: Final = (
    "UPDATE trigger_executions SET started = :at WHERE id = :execution AND status = 'in_progress' AND started IS NULL"
    " RETURNING 1"
)
_RAN: Final = (
    "UPDATE triggers SET last_run = :at, last_interaction = :interaction WHERE id = :id AND project = :project"
    " RETURNING 1"
)
_PUT_OFF_LAST: Final = "coalesce(tried, created), id"
_UNBEGUN: Final = (
    f"SELECT {_EXECUTION_COLUMNS} FROM (SELECT {_EXECUTION_COLUMNS}, tried,"  # noqa: S608
    f" row_number() OVER (PARTITION BY project ORDER BY {_PUT_OFF_LAST}) AS rank"
    " FROM trigger_executions WHERE status = 'in_progress' AND started IS NULL"
    " AND (owner = :server OR owner NOT IN"
    " (SELECT id FROM servers WHERE seen > NOW - CAST(:silent AS float8)))) AS waiting"
    f" WHERE rank <= :most_each ORDER BY rank, {_PUT_OFF_LAST} LIMIT :limit"
)
_PUT_OFF: Final = (
    "UPDATE trigger_executions SET tried = :at WHERE id = :id AND status = 'in_progress' AND started IS NULL"
    " RETURNING 1"
)
_RUNNING: Final = (
    f"SELECT {', '.join(f'execution.{name}' for name in _EXECUTION)}, interaction.status,"  # noqa: S608
    " CASE WHEN interaction.state = 1 THEN interaction.resource END"
    " FROM trigger_executions AS execution LEFT JOIN interactions AS interaction"
    # `project || ''`: the row is found by its id, not by its project (`postgres/turns.py`).
    " ON interaction.id = execution.interaction AND interaction.project || '' = execution.project"
    " AND interaction.state < 2"
    " WHERE execution.status = 'in_progress' AND execution.started IS NOT NULL"
)
_SETTLE: Final = (
    "UPDATE trigger_executions SET status = :status, ended = :at, error = :error"
    " WHERE id = :execution AND status = 'in_progress' RETURNING 1"
)
_SUCCEEDED: Final = "UPDATE triggers SET failures = 0 WHERE id = :id AND project = :project RETURNING 1"
_LAST: Final = "CASE WHEN status = 'active' AND failures + 1 >= most_failures THEN"
"""Where one more failure is one too many."""
_FAILED: Final = (
    "UPDATE triggers SET failures = failures + 1"  # noqa: S608
    f", status = {_LAST} 'error' ELSE status END, next = {_LAST} NULL ELSE next END"
    f", last_pause = {_LAST} :at ELSE last_pause END, updated = {_LAST} :at ELSE updated END"
    " WHERE id = :id AND project = :project RETURNING 1"
)
_FORGET: Final = (
    "DELETE FROM trigger_executions WHERE id IN"
    " (SELECT id FROM trigger_executions WHERE ended < :before ORDER BY ended LIMIT :limit) RETURNING 1"
)


class TriggerStore:
    """Triggers and executions. A method that takes a project sees that project's rows only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, trigger: StoredTrigger, most: int) -> bool:
        """Keep a new trigger, unless the project has `most` already; durable when this returns True."""
        return bool(await self._database.write(_ADD, **msgspec.structs.asdict(trigger), most=most))

    async def get(self, project: str, id: str) -> StoredTrigger | None:
        """One trigger, or None."""
        found = await self._database.read(_GET, project=project, id=id)
        return _trigger(found[0]) if found else None

    async def page(
        self, project: str, conditions: Sequence[Condition], after: Cursor | None, limit: int, most_bytes: int
    ) -> list[StoredTrigger]:
        """The next triggers that meet all conditions, the newest first.

        None follows one with which their interactions together have more than `most_bytes`.
        """
        page = _page(project, conditions, after, limit, most_bytes)
        return [_trigger(row) for row in await self._database.read(page.text, **page.values)]

    async def update(self, project: str, id: str, change: TriggerChange) -> StoredTrigger | None:
        """Change a trigger; as it is then, or None. One that becomes active has no failures."""
        found = await self._database.write(_UPDATE, **msgspec.structs.asdict(change), project=project, id=id)
        return _trigger(found[0]) if found else None

    async def remove(self, project: str, id: str) -> bool:
        """Delete a trigger, but not its executions; False when it was not there."""
        return bool(await self._database.write(_REMOVE, project=project, id=id))

    async def due(self, now: float, limit: int = 100) -> list[StoredTrigger]:
        """Active triggers of all projects whose time has come, the longest due first."""
        return [_trigger(row) for row in await self._database.read(_DUE, now=now, limit=limit)]

    async def next_due(self) -> float | None:
        """When the next trigger of any project is due."""
        moment: float | None = (await self._database.read(_NEXT_DUE))[0][0]
        return moment

    async def record(
        self, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
    ) -> StoredExecution | None:
        """Keep an execution, or `otherwise` if one of its trigger is in progress; the one that was kept.

        None, and nothing is done, when the trigger is no longer there, or not due as the tick says: another server was
        first, or it was paused.
        """
        return await self._database.transact(lambda: _record(execution, otherwise, tick))

    async def executions(self, project: str, trigger: str, after: Cursor | None, limit: int) -> list[StoredExecution]:
        """The next executions of a trigger, deleted or not, the newest first."""
        page = _page_of_executions(project, trigger, after, limit)
        return [_execution(row) for row in await self._database.read(page.text, **page.values)]

    async def begun(self, execution: StoredExecution, at: float) -> bool:
        """Note that its interaction was started; False when it had been noted before, or has ended."""
        return await self._database.transact(lambda: _begun(execution, at))

    async def put_off(self, execution: StoredExecution, at: float) -> None:
        """Note that it could not be started now: others are tried before it is again."""
        await self._database.write(_PUT_OFF, id=execution.id, at=at)

    async def unbegun(
        self, server: str, silent_seconds: float, limit: int = 100, most_each: int = 10
    ) -> list[StoredExecution]:
        """Executions in progress without an interaction that this server, or one that is gone, has recorded.

        Gone is who was never seen, or not for `silent_seconds`. At most `most_each` of a project, those first that were
        not tried for the longest time; all projects have one before any has two.
        """
        found = await self._database.read(
            _UNBEGUN, server=server, silent=silent_seconds, limit=limit, most_each=most_each
        )
        return [_execution(row) for row in found]

    async def running(self) -> list[Running]:
        """All executions in progress whose interaction was started, and what has become of it."""
        return [_running(row) for row in await self._database.read(_RUNNING)]

    async def settle(self, settlement: Settlement) -> bool:
        """End an execution, count it for its trigger, and stop that after too many failures in a row.

        False, and nothing is done, when it had ended before.
        """
        return await self._database.transact(lambda: _settle(settlement))

    async def forget(self, before: float, limit: int = 500) -> int:
        """Remove at most `limit` executions that ended before; how many."""
        return len(await self._database.write(_FORGET, before=before, limit=limit))


def _page(project: str, conditions: Sequence[Condition], after: Cursor | None, limit: int, most_bytes: int) -> Query:
    """Sizes are summed up before any interaction is read."""
    where = ["project = :project", *([_AFTER] if after else [])]
    values: dict[str, Value] = {"project": project, "limit": limit, "bytes": most_bytes, **_cursor(after)}
    for number, condition in enumerate(conditions):
        where.append(f"{condition.field} {'=' if condition.equal else '<>'} :value{number}")
        values[f"value{number}"] = condition.value
    sizes = (
        f"SELECT id, sum(length(interaction)) OVER (ORDER BY created DESC, id DESC) - length(interaction) AS before"  # noqa: S608
        f" FROM triggers WHERE {' AND '.join(where)} {_ORDER}"
    )
    fitting = f"SELECT id FROM ({sizes}) AS sizes WHERE before <= :bytes"  # noqa: S608
    return Query(f"{_TRIGGERS} WHERE id IN ({fitting}) ORDER BY created DESC, id DESC", values)


def _page_of_executions(project: str, trigger: str, after: Cursor | None, limit: int) -> Query:
    where = ["project = :project", "trigger = :trigger", *([_AFTER] if after else [])]
    values: dict[str, Value] = {"project": project, "trigger": trigger, "limit": limit, **_cursor(after)}
    return Query(f"{_EXECUTIONS} WHERE {' AND '.join(where)} {_ORDER}", values)


def _cursor(after: Cursor | None) -> dict[str, Value]:
    return {"created": after.created, "after": after.id} if after else {}


def _record(execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None) -> Steps[StoredExecution | None]:
    if not (yield _moving_on(execution, tick)):
        return None
    for each in (execution, otherwise):
        if (yield ask(_RECORD, **msgspec.structs.asdict(each))):
            return each
    return None


def _moving_on(execution: StoredExecution, tick: Tick | None) -> Query:
    """Moves the trigger of an execution on; where it was not due, keeps it from being changed meanwhile."""
    if tick is None:
        return ask(_HOLD, id=execution.trigger, project=execution.project)
    return ask(_MOVE_ON, id=execution.trigger, project=execution.project, due=tick.due, next=tick.next)


def _begun(execution: StoredExecution, at: float) -> Steps[bool]:
    trigger = {"id": execution.trigger, "project": execution.project}
    yield ask(_HOLD, **trigger)
    if not (yield ask(_BEGUN, execution=execution.id, at=at)):
        return False
    yield ask(_RAN, **trigger, interaction=execution.interaction, at=at)
    return True


def _settle(settlement: Settlement) -> Steps[bool]:
    execution, at = settlement.execution, settlement.at
    trigger = {"id": execution.trigger, "project": execution.project}
    yield ask(_HOLD, **trigger)
    ended = yield ask(_SETTLE, execution=execution.id, status=settlement.status, error=settlement.error, at=at)
    if ended:
        yield ask(_FAILED if settlement.failed else _SUCCEEDED, **trigger, at=at)
    return bool(ended)


def _trigger(row: tuple[Any, ...]) -> StoredTrigger:
    return StoredTrigger(**dict(zip(_TRIGGER, row, strict=True)))


def _execution(row: tuple[Any, ...]) -> StoredExecution:
    return StoredExecution(**dict(zip(_EXECUTION, row, strict=True)))


def _running(row: tuple[Any, ...]) -> Running:
    """A row of _RUNNING."""
    return Running(_execution(row[: len(_EXECUTION)]), *row[len(_EXECUTION) :])
