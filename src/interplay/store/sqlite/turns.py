"""Interactions as SQLite rows on branches. Not here: transactions and threads (`writer.py`).

A turn's position is (branch, depth); depth counts from the start of the conversation, through all branches. A branch
is called by the number of its first turn. Deleting a turn empties its row at once; the row itself goes when nothing
goes on from it, and takes emptied turns before it along. So a position is free again only when nothing hangs on it.
"""

from operator import itemgetter
from typing import Final

import apsw

from interplay.errors import invalid, not_found
from interplay.store.interactions import Ending, NewInteraction, Turn
from interplay.store.sqlite.files import Values, rows

_COLUMNS: Final = (
    "(turn, branch, depth, state, id, project, status, model, created, expires, owner, input, resource, key)"
)
_NEXT: Final = "(SELECT coalesce(max(turn), 0) + 1 FROM interactions)"
_VALUES: Final = "0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

# S608 below: all pieces of these statements are the constants above.
_START: Final = f"INSERT INTO interactions {_COLUMNS} VALUES ({_NEXT}, {_NEXT}, 0, {_VALUES})"  # noqa: S608
_GO_ON: Final = (
    f"INSERT INTO interactions {_COLUMNS} SELECT {_NEXT}, branch, depth + 1, {_VALUES} FROM interactions "  # noqa: S608
    "WHERE id = ? AND project = ? AND state = 1 ON CONFLICT (branch, depth) DO NOTHING"
)
_POSITION: Final = "SELECT branch, depth, state FROM interactions WHERE id = ? AND project = ? AND state < 2"
_FORK: Final = f"INSERT INTO branches (branch, parent, fork) VALUES ({_NEXT}, ?, ?)"  # noqa: S608
_START_FORK: Final = f"INSERT INTO interactions {_COLUMNS} VALUES ({_NEXT}, {_NEXT}, ?, {_VALUES})"  # noqa: S608
_FINISH: Final = (
    "UPDATE interactions SET state = 1, status = ?, resource = ? WHERE id = ? AND project = ? AND owner = ?"
    " AND state = 0"
)
_METER: Final = (
    "INSERT INTO usage (project, key, model, day, interactions, input, cached, output, thought)"
    " SELECT project, key, model, ?, 1, ?, ?, ?, ? FROM interactions WHERE id = ? ON CONFLICT DO UPDATE SET"
    " interactions = interactions + 1, input = input + excluded.input, cached = cached + excluded.cached,"
    " output = output + excluded.output, thought = thought + excluded.thought"
)
STORED: Final = "SELECT project, id, status, owner, input, resource FROM interactions"
GET: Final = f"{STORED} WHERE id = ? AND project = ? AND state < 2"
_HISTORY: Final = (
    "WITH RECURSIVE line (branch, depth) AS ("
    " SELECT branch, depth FROM interactions WHERE id = ? AND project = ? AND state < 2"
    " UNION ALL"
    " SELECT branches.parent, branches.fork FROM line JOIN branches ON branches.branch = line.branch) "
    "SELECT interactions.depth, id, input, resource FROM line CROSS JOIN interactions"
    " ON interactions.branch = line.branch AND interactions.depth <= line.depth WHERE state < 2"
)
_EMPTY: Final = (
    "UPDATE interactions SET state = 2, status = 'deleted', model = '', owner = '', expires = NULL,"
    " input = x'', resource = x''"
)
_DELETE: Final = f"{_EMPTY} WHERE id = ? AND project = ? AND state < 2"
_EXPIRE: Final = (
    f"{_EMPTY} WHERE turn IN "  # noqa: S608
    "(SELECT turn FROM interactions WHERE state = 1 AND expires <= ? ORDER BY expires LIMIT ?)"
)
_ERASING: Final = "SELECT id FROM interactions WHERE state = 2 ORDER BY turn"
_ERASED: Final = "UPDATE interactions SET state = 3 WHERE id = ? AND state = 2 RETURNING branch, depth"
_PRUNE: Final = (
    "DELETE FROM interactions WHERE branch = ?1 AND depth = ?2 AND state = 3"
    " AND NOT EXISTS (SELECT 1 FROM interactions WHERE branch = ?1 AND depth = ?2 + 1)"
    " AND NOT EXISTS (SELECT 1 FROM branches WHERE parent = ?1 AND fork = ?2)"
)
_UNFORK: Final = "DELETE FROM branches WHERE branch = ? AND fork = ? RETURNING parent"


def insert(connection: apsw.Connection, new: NewInteraction) -> None:
    """A new turn: the first of a conversation, the next of a branch, or the first of a fork."""
    values = (
        new.id,
        new.project,
        new.status,
        new.model,
        new.created,
        new.expires,
        new.owner,
        new.input,
        new.resource,
        new.key,
    )
    if new.previous_id is None:
        connection.execute(_START, values)
        return
    connection.execute(_GO_ON, (*values, new.previous_id, new.project))
    if not connection.changes():
        _fork(connection, new.previous_id, new.project, values)


def _fork(connection: apsw.Connection, previous: str, project: str, values: Values) -> None:
    found = rows(connection, _POSITION, (previous, project))
    if not found:
        raise not_found(f"There is no interaction {previous} to go on from.")
    branch, depth, state = found[0]
    if state == 0:
        raise invalid(f"The interaction {previous} is still in progress; go on from it once it has ended.")
    connection.execute(_FORK, (branch, depth))
    connection.execute(_START_FORK, (depth + 1, *values))


def finish(connection: apsw.Connection, ending: Ending) -> bool:
    """Whether there was such a turn in progress."""
    connection.execute(_FINISH, (ending.status, ending.resource, ending.id, ending.project, ending.owner))
    if not connection.changes():
        return False
    used = ending.used
    connection.execute(_METER, (used.day, used.input, used.cached, used.output, used.thought, ending.id))
    return True


def history(connection: apsw.Connection, project: str, id: str) -> list[Turn]:
    """One range scan per branch; a turn that is there is at least its own history."""
    turns = rows(connection, _HISTORY, (id, project))
    if not turns:
        raise not_found(f"There is no interaction {id}.")
    # Branches come newest first, each of them in order: nearly free to sort here, a temporary table in SQLite.
    turns.sort(key=itemgetter(0))
    return [Turn(*row[1:]) for row in turns]


def delete(connection: apsw.Connection, project: str, id: str) -> bool:
    """Empty a turn; `erased` must follow once its events are gone."""
    connection.execute(_DELETE, (id, project))
    return connection.changes() == 1


def expire(connection: apsw.Connection, now: float, limit: int) -> int:
    """Empty the turns whose time has come; how many."""
    connection.execute(_EXPIRE, (now, limit))
    return connection.changes()


def erasing(connection: apsw.Connection) -> list[str]:
    """The emptied turns whose events may still be there, after a crash between the two files too."""
    return [row[0] for row in rows(connection, _ERASING)]


def erased(connection: apsw.Connection, ids: list[str]) -> None:
    """Drop emptied turns whose events are gone, as far as nothing goes on from them."""
    for each in ids:
        for branch, depth in rows(connection, _ERASED, (each,)):
            _prune(connection, branch, depth)


def _prune(connection: apsw.Connection, branch: int, depth: int) -> None:
    connection.execute(_PRUNE, (branch, depth))
    while connection.changes():
        depth -= 1
        parent = rows(connection, _UNFORK, (branch, depth))
        branch = parent[0][0] if parent else branch
        connection.execute(_PRUNE, (branch, depth))
