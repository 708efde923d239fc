"""Triggers and executions as rows, in SQL that SQLite and Postgres both understand; values have names, as `:name`.

Not here: connections and transactions (`sqlite/triggers.py`, `postgres/triggers.py`).
"""

from collections.abc import Sequence
from typing import Any, Final

from interplay.store.triggers import Condition, Place, Running, Settlement, StoredExecution, StoredTrigger, Tick

Query = tuple[str, dict[str, Any]]

_TRIGGER: Final = StoredTrigger.__struct_fields__
_EXECUTION: Final = StoredExecution.__struct_fields__
_TRIGGER_COLUMNS: Final = ", ".join(_TRIGGER)
_EXECUTION_COLUMNS: Final = ", ".join(_EXECUTION)

# S608 below: all pieces of these statements are constants of this module, the fields' names among them.
_TRIGGERS: Final = f"SELECT {_TRIGGER_COLUMNS} FROM triggers"  # noqa: S608
_EXECUTIONS: Final = f"SELECT {_EXECUTION_COLUMNS} FROM trigger_executions"  # noqa: S608
_ORDER: Final = "ORDER BY created DESC, id DESC LIMIT :limit"
_AFTER: Final = "(created, id) < (:created, :after)"

ADD: Final = (
    f"INSERT INTO triggers ({_TRIGGER_COLUMNS}) SELECT {', '.join(f':{name}' for name in _TRIGGER)}"  # noqa: S608
    " WHERE (SELECT count(*) FROM triggers WHERE project = :project) < :most RETURNING 1"
)
GET: Final = f"{_TRIGGERS} WHERE id = :id AND project = :project"
UPDATE: Final = (
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
REMOVE: Final = "DELETE FROM triggers WHERE id = :id AND project = :project RETURNING 1"
DUE: Final = f"{_TRIGGERS} WHERE next <= :now ORDER BY next, id LIMIT :limit"
NEXT_DUE: Final = "SELECT min(next) FROM triggers WHERE next IS NOT NULL"

_HOLD: Final = "UPDATE triggers SET status = status WHERE id = :id AND project = :project RETURNING 1"
_MOVE_ON: Final = "UPDATE triggers SET next = :next WHERE id = :id AND project = :project AND next = :due RETURNING 1"
RECORD: Final = (
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
UNBEGUN: Final = (
    f"SELECT {_EXECUTION_COLUMNS} FROM (SELECT {_EXECUTION_COLUMNS}, tried,"  # noqa: S608
    f" row_number() OVER (PARTITION BY project ORDER BY {_PUT_OFF_LAST}) AS place"
    " FROM trigger_executions WHERE status = 'in_progress' AND started IS NULL"
    " AND (owner = :server OR owner NOT IN ({living}))) AS waiting"
    f" WHERE place <= :most_each ORDER BY place, {_PUT_OFF_LAST} LIMIT :limit"
)
PUT_OFF: Final = (
    "UPDATE trigger_executions SET tried = :at WHERE id = :id AND status = 'in_progress' AND started IS NULL"
    " RETURNING 1"
)
RUNNING: Final = (
    f"SELECT {', '.join(f'execution.{name}' for name in _EXECUTION)}, interaction.status,"  # noqa: S608
    " CASE WHEN interaction.state = 1 THEN interaction.resource END"
    " FROM trigger_executions AS execution LEFT JOIN interactions AS interaction"
    " ON interaction.id = execution.interaction AND interaction.project = execution.project AND interaction.state < 2"
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
FORGET: Final = (
    "DELETE FROM trigger_executions WHERE id IN"
    " (SELECT id FROM trigger_executions WHERE ended < :before ORDER BY ended LIMIT :limit) RETURNING 1"
)


def listing(project: str, conditions: Sequence[Condition], after: Place | None, limit: int, most_bytes: int) -> Query:
    """A page of a project's triggers. Sizes are summed up before any interaction is read."""
    where = ["project = :project", *([_AFTER] if after else [])]
    values = {"project": project, "limit": limit, "bytes": most_bytes, **_place(after)}
    for number, condition in enumerate(conditions):
        where.append(f"{condition.field} {'=' if condition.equal else '<>'} :value{number}")
        values[f"value{number}"] = condition.value
    sizes = (
        f"SELECT id, sum(length(interaction)) OVER (ORDER BY created DESC, id DESC) - length(interaction) AS before"  # noqa: S608
        f" FROM triggers WHERE {' AND '.join(where)} {_ORDER}"
    )
    fitting = f"SELECT id FROM ({sizes}) AS sizes WHERE before <= :bytes"  # noqa: S608
    return f"{_TRIGGERS} WHERE id IN ({fitting}) ORDER BY created DESC, id DESC", values


def listing_executions(project: str, trigger: str, after: Place | None, limit: int) -> Query:
    """A page of a trigger's executions."""
    where = ["project = :project", "trigger = :trigger", *([_AFTER] if after else [])]
    values = {"project": project, "trigger": trigger, "limit": limit, **_place(after)}
    return f"{_EXECUTIONS} WHERE {' AND '.join(where)} {_ORDER}", values


def moving_on(execution: StoredExecution, tick: Tick | None) -> Query:
    """Moves the trigger of an execution on; where it was not due, keeps it from being changed meanwhile."""
    query, moments = (_HOLD, {}) if tick is None else (_MOVE_ON, {"due": tick.due, "next": tick.next})
    return query, {"id": execution.trigger, "project": execution.project} | moments


def beginning(execution: StoredExecution, at: float) -> tuple[Query, Query]:
    """The interaction of an execution was started: for the execution, and if that gives a row, for its trigger."""
    values = {
        "execution": execution.id,
        "interaction": execution.interaction,
        "id": execution.trigger,
        "project": execution.project,
        "at": at,
    }
    return (_BEGUN, values), (_RAN, values)


def settling(settlement: Settlement) -> tuple[Query, Query]:
    """An execution ends: for the execution, and if that gives a row, for its trigger."""
    execution = settlement.execution
    values = {
        "execution": execution.id,
        "id": execution.trigger,
        "project": execution.project,
        "status": settlement.status,
        "error": settlement.error,
        "at": settlement.at,
    }
    return (_SETTLE, values), (_FAILED if settlement.failed else _SUCCEEDED, values)


def trigger(row: tuple[Any, ...]) -> StoredTrigger:
    """A row of triggers."""
    return StoredTrigger(**dict(zip(_TRIGGER, row, strict=True)))


def execution(row: tuple[Any, ...]) -> StoredExecution:
    """A row of executions."""
    return StoredExecution(**dict(zip(_EXECUTION, row, strict=True)))


def running(row: tuple[Any, ...]) -> Running:
    """A row of RUNNING."""
    return Running(execution(row[: len(_EXECUTION)]), *row[len(_EXECUTION) :])


def _place(after: Place | None) -> dict[str, Any]:
    return {"created": after.created, "after": after.id} if after else {}
