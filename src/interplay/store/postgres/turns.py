"""Interactions as Postgres rows on branches: the same rows as in SQLite (`sqlite/turns.py` says what they mean).

Several servers write at once. Whoever goes on from a turn holds a share of its row until the new turn is committed, so
that nobody deletes it meanwhile. Deleting takes one transaction, so a row is never found half-way (state 2); rows are
taken out of a project's trees by one transaction after another, so that each sees what the one before has left.

One turn is found by its id. `project || ''` is the same as `project`, but not for the index of a project's turns: a
plan that is made while the table is small, and kept, would take that, and then read all of them to find one.
"""

from operator import itemgetter
from typing import Any, Final

import msgspec

from interplay.errors import invalid, not_found
from interplay.store.blobs import let_go
from interplay.store.interactions import Ending, NewInteraction, Turn
from interplay.store.postgres import telling, work
from interplay.store.postgres.connections import Connection, rows, text
from interplay.store.postgres.database import done
from interplay.store.postgres.pipeline import Rows, Statement

_COLUMNS: Final = (
    "(turn, branch, depth, state, id, project, status, model, created, expires, owner, input, resource, key)"
)
_VALUES: Final = (
    "0, %(id)s, %(project)s, %(status)s, %(model)s, %(created)s, %(expires)s, %(owner)s, %(input)b, %(resource)b,"
    " %(key)s"
)
_NEXT: Final = "SELECT nextval('interactions_turn_seq') AS turn"

# S608 below: all pieces of these statements are the constants above.
_START: Final = (
    f"WITH first AS (INSERT INTO interactions {_COLUMNS} SELECT turn, turn, 0, {_VALUES} FROM ({_NEXT}) AS next)"  # noqa: S608
)
_GO_ON: Final = (
    "WITH previous AS ("  # noqa: S608
    " SELECT branch, depth, state FROM interactions"
    " WHERE id = %(previous)s AND project || '' = %(project)s AND state < 2 FOR SHARE), "
    f"line AS (INSERT INTO interactions {_COLUMNS}"
    f" SELECT nextval('interactions_turn_seq'), branch, depth + 1, {_VALUES} FROM previous WHERE state = 1"
    " ON CONFLICT (branch, depth) DO NOTHING RETURNING turn), "
    "fork AS (INSERT INTO branches (branch, parent, fork)"
    " SELECT nextval('interactions_turn_seq'), branch, depth FROM previous"
    " WHERE state = 1 AND NOT EXISTS (SELECT 1 FROM line) RETURNING branch, fork), "
    f"first AS (INSERT INTO interactions {_COLUMNS} SELECT branch, branch, fork + 1, {_VALUES} FROM fork)"
)
_STARTED: Final = " SELECT 1"
_WENT_ON: Final = " SELECT state FROM previous"
_FINISH: Final = (
    "WITH ended AS (UPDATE interactions SET state = 1, status = %(status)s, resource = %(resource)b"
    " WHERE id = %(id)s AND project || '' = %(project)s AND owner = %(owner)s AND state = 0"
    " RETURNING id, project, key, model), "
    "done AS (DELETE FROM work USING ended WHERE interaction = id RETURNING id), "
    "metered AS (INSERT INTO usage_added"
    " (project, key, model, day, interactions, input, cached, output, thought)"
    " SELECT project, key, model, %(day)s, 1, %(input)s, %(cached)s, %(output)s, %(thought)s FROM ended)"
)
_FINISHED: Final = " SELECT 1 FROM ended"
STORED: Final = "SELECT project, id, status, owner, input, resource FROM interactions"
_GET: Final = f"{STORED} WHERE id = %s AND project || '' = %s AND state < 2"
HISTORY: Final = (
    "WITH RECURSIVE line (branch, depth) AS ("
    " SELECT branch, depth FROM interactions WHERE id = %s AND project || '' = %s AND state < 2"
    " UNION ALL"
    " SELECT branches.parent, branches.fork FROM line JOIN branches ON branches.branch = line.branch) "
    # OFFSET 0 keeps the planner from turning the range scans into one scan of everybody's turns.
    "SELECT turns.* FROM line CROSS JOIN LATERAL (SELECT depth, id, input, resource FROM interactions"
    " WHERE interactions.branch = line.branch AND interactions.depth <= line.depth AND state < 2"
    " ORDER BY depth OFFSET 0) AS turns"
)
_EMPTY: Final = (
    "UPDATE interactions SET state = 3, status = 'deleted', model = '', owner = '', expires = NULL,"
    " input = '', resource = ''"
)
_DELETE: Final = f"{_EMPTY} WHERE id = %s AND project || '' = %s AND state < 2 RETURNING id, branch, depth, project"
_UNDO: Final = "DELETE FROM work WHERE interaction = ANY(%s)"
_EXPIRE: Final = (
    f"{_EMPTY} WHERE turn IN (SELECT turn FROM interactions WHERE state = 1 AND expires <= %s"  # noqa: S608
    " ORDER BY expires LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, branch, depth, project"
)
_ERASE: Final = "DELETE FROM events.events WHERE interaction = ANY(%s)"
_LOCK: Final = 0x7072756E  # "prun"
_ONE_AT_A_TIME: Final = (
    # In one order, as what has expired may be in many projects. DISTINCT keeps it from being planned into the SELECT.
    "SELECT pg_advisory_xact_lock(%s, project) FROM"
    " (SELECT DISTINCT hashtext(project) AS project FROM unnest(%s::text[]) AS project ORDER BY 1) AS projects"
)
"""Of two transactions that take away two neighbours in a tree, each would still see the other's row, and leave it."""
_PRUNE: Final = (
    "DELETE FROM interactions WHERE branch = %(branch)s AND depth = %(depth)s AND state = 3"
    " AND NOT EXISTS (SELECT 1 FROM interactions WHERE branch = %(branch)s AND depth = %(depth)s + 1)"
    " AND NOT EXISTS (SELECT 1 FROM branches WHERE parent = %(branch)s AND fork = %(depth)s) RETURNING 1"
)
_UNFORK: Final = "DELETE FROM branches WHERE branch = %s AND fork = %s RETURNING parent"


def inserting(new: NewInteraction) -> Statement:
    """A new turn: the first of a conversation, the next of a branch, or the first of a fork."""
    values: dict[str, Any] = {**msgspec.structs.asdict(new), "model": text(new.model)}
    enqueued = work.ENQUEUE if new.work else ""
    if new.work is not None:
        values |= {"tier": new.work.tier, "request": new.work.request, "given": int(bool(new.owner))}
    if new.previous_id is None:
        return Statement(f"{_START}{enqueued.format(new='')}{_STARTED}", values)
    previous = text(new.previous_id)
    rows = " FROM previous WHERE state = 1"
    return Statement(f"{_GO_ON}{enqueued.format(new=rows)}{_WENT_ON}", {**values, "previous": previous}, order=previous)


def check_inserted(previous: str, found: Rows) -> None:
    """Raises Failure unless the turn that was gone on from was there and had ended."""
    if not found:
        raise not_found(f"There is no interaction {previous} to go on from.")
    if found[0][0] == 0:
        raise invalid(f"The interaction {previous} is still in progress; go on from it once it has ended.")


def finishing(ending: Ending) -> Statement:
    """Ends a turn in progress; a row when there was one."""
    used = msgspec.structs.asdict(ending.used)
    values = {**msgspec.structs.asdict(ending), **used, "id": text(ending.id)}
    if ending.notice is None:
        return Statement(f"{_FINISH}{_FINISHED}", values, order=ending.id)
    told = {**values, **telling.told(ending.notice)}
    return Statement(f"{_FINISH}{telling.TELL}{_FINISHED}", told, order=ending.id)


def getting(project: str, id: str) -> Statement:
    """One turn, for `stored`."""
    return Statement(_GET, (text(id), project))


async def history(connection: Connection, project: str, id: str) -> list[Turn]:
    """One range scan per branch; a turn that is there is at least its own history."""
    turns = await rows(connection, HISTORY, (text(id), project))
    if not turns:
        raise not_found(f"There is no interaction {id}.")
    # Branches come newest first, each of them in order.
    turns.sort(key=itemgetter(0))
    return [Turn(*row[1:]) for row in turns]


async def delete(connection: Connection, project: str, id: str) -> bool:
    """Empty a turn and its log, and drop what nothing goes on from."""
    async with connection.transaction():
        return bool(await _erase(connection, await rows(connection, _DELETE, (text(id), project))))


async def expire(connection: Connection, now: float, limit: int) -> int:
    """The same for the turns whose time has come and that no other server is deleting; how many."""
    async with connection.transaction():
        return await _erase(connection, await rows(connection, _EXPIRE, (now, limit)))


async def _erase(connection: Connection, emptied: Rows) -> int:
    ids, _, _, projects = zip(*emptied, strict=True) if emptied else ((),) * 4
    await rows(connection, _UNDO, (list(ids),))
    await rows(connection, _ERASE, (list(ids),))
    await done(connection, let_go(ids))
    await rows(connection, _ONE_AT_A_TIME, (_LOCK, list(projects)))
    for _, branch, depth, _ in sorted(emptied, key=itemgetter(1, 2)):
        await _prune(connection, branch, depth)
    return len(emptied)


async def _prune(connection: Connection, branch: int, depth: int) -> None:
    while await rows(connection, _PRUNE, {"branch": branch, "depth": depth}):
        depth -= 1
        parent = await rows(connection, _UNFORK, (branch, depth))
        branch = parent[0][0] if parent else branch
