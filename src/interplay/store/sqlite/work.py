"""Work as SQLite rows. Not here: transactions and threads (`writer.py`)."""

import json
from collections.abc import Callable, Iterator
from typing import Final

import apsw

from interplay.store.interactions import NewInteraction, Work, stored
from interplay.store.signals import Signal, WorkWaits
from interplay.store.sqlite.database import NOW
from interplay.store.sqlite.files import Values, rows
from interplay.store.sqlite.turns import STORED
from interplay.store.sqlite.writer import Writer
from interplay.store.work import NOBODY, Claimed, Full

_ENQUEUE: Final = (
    # Behind the project's own work, and not before what waits already: so a long line of one project's is passed.
    "INSERT INTO work (interaction, project, tier, ticket, enqueued, state, attempts, deaths, request)"
    " SELECT ?1, ?2, ?3, 1 + max("
    "coalesce((SELECT max(ticket) FROM work WHERE project = ?2 AND tier = ?3), 0), "
    "coalesce((SELECT min(ticket) - 1 FROM work WHERE tier = ?3 AND state = 0),"
    " (SELECT max(ticket) FROM work WHERE tier = ?3), 0)), ?4, ?5, ?5, 0, ?6"
)
_GIVEN: Final = " RETURNING tier, ticket, enqueued, interaction, request, attempts, deaths"
_GIVE: Final = (
    "UPDATE work SET state = 1, attempts = attempts + 1 WHERE interaction IN (SELECT interaction FROM work"  # noqa: S608
    f" WHERE state = 0 ORDER BY tier, ticket, enqueued LIMIT ?){_GIVEN}"
)
_GIVE_OTHERS: Final = (
    "UPDATE work SET state = 1, attempts = attempts + 1 WHERE interaction IN (SELECT interaction FROM work"  # noqa: S608
    " JOIN interactions ON interactions.id = work.interaction WHERE work.state = 0"
    " AND work.project NOT IN (SELECT value FROM json_each(?)) AND key NOT IN (SELECT value FROM json_each(?))"
    f" ORDER BY tier, ticket, enqueued LIMIT ?){_GIVEN}"
)
_TAKE: Final = (
    "UPDATE work SET state = 1, attempts = attempts + 1"  # noqa: S608
    f" WHERE interaction = ? AND project = ? AND state = 0{_GIVEN}"
)
_OWN: Final = "UPDATE interactions SET owner = ?, status = coalesce(?, status) WHERE id = ?"
_OWNED: Final = f"{STORED} WHERE id = ?"
_ASKED: Final = "SELECT key FROM interactions WHERE id = ?"
_DISOWN: Final = "UPDATE interactions SET owner = '' WHERE id = ?"
_BACK: Final = (
    "UPDATE work SET state = 0 WHERE state = 1"
    " AND interaction IN (SELECT id FROM interactions WHERE state = 0 AND owner = ?) RETURNING interaction"
)
_LIVING: Final = f"SELECT id FROM servers WHERE seen > {NOW} - ?"  # noqa: S608 - the constant above
_REQUEUE: Final = (
    "UPDATE work SET state = 0, deaths = deaths + 1 WHERE state = 1"  # noqa: S608
    f" AND interaction IN (SELECT id FROM interactions WHERE state = 0 AND owner NOT IN ({_LIVING}))"
    " RETURNING interaction"
)
_RELEASE: Final = (
    "UPDATE interactions SET owner = '', status = ? WHERE id = ? AND owner = ? AND state = 0"
    " AND EXISTS (SELECT 1 FROM work WHERE interaction = interactions.id)"
)
_UNDO: Final = "UPDATE work SET state = 0, attempts = attempts - 1 WHERE interaction = ?"
_WAITING: Final = "SELECT count(*) FROM work WHERE project = ? AND state = 0"
_KEYS_WAITING: Final = (
    "SELECT count(*) FROM work JOIN interactions ON interactions.id = work.interaction"
    " WHERE work.project = ? AND work.state = 0 AND interactions.key = ?"
)
_DONE: Final = "DELETE FROM work WHERE interaction = ?"


class SqliteWork:
    """The `WorkStore` port on SQLite."""

    def __init__(self, main: Writer, tell: Callable[[Signal], None]) -> None:
        self._main = main
        self._tell = tell

    async def claim(self, server: str, status: str, limit: int, full: Full = NOBODY) -> list[Claimed]:
        """Own the next of what waits."""
        query, values = _GIVE, tuple[str, ...]()
        if full != NOBODY:
            query, values = _GIVE_OTHERS, tuple(json.dumps(sorted(names)) for names in (full.projects, full.keys))
        return await self._main.do(lambda main: list(_given(main, query, (*values, limit), server, status)))

    async def release(self, id: str, server: str, status: str) -> bool:
        """Let one wait again."""
        return await self._main.do(lambda main: _released(main, id, server, status))

    async def take(self, project: str, id: str, server: str) -> Claimed | None:
        """Own this, if it waits."""
        taken = await self._main.do(lambda main: list(_given(main, _TAKE, (id, project), server, None)))
        return taken[0] if taken else None

    async def give_back(self, server: str) -> int:
        """Let it wait again."""
        return await self._let_wait(_BACK, (server,))

    async def requeue(self, silent_seconds: float) -> int:
        """Let wait again what belongs to nobody."""
        return await self._let_wait(_REQUEUE, (silent_seconds,))

    async def waiting(self, project: str, key: str | None = None) -> int:
        """How much waits."""
        query, values = (_WAITING, (project,)) if key is None else (_KEYS_WAITING, (project, key))
        count: int = (await self._main.do(lambda main: rows(main, query, values)))[0][0]
        return count

    async def _let_wait(self, query: str, values: Values) -> int:
        if count := await self._main.do(lambda main: _disowned(main, query, values)):
            self._tell(WorkWaits())
        return count


def enqueue(connection: apsw.Connection, new: NewInteraction, work: Work) -> None:
    """It waits, or is its owner's from the beginning."""
    given = int(bool(new.owner))
    connection.execute(_ENQUEUE, (new.id, new.project, work.tier, new.created, given, work.request))


def done(connection: apsw.Connection, id: str) -> bool:
    """There is nothing left to do for this interaction. Whether there was."""
    connection.execute(_DONE, (id,))
    return connection.changes() == 1


def _given(
    connection: apsw.Connection, query: str, values: Values, server: str, status: str | None
) -> Iterator[Claimed]:
    for *_, id, request, attempt, deaths in sorted(rows(connection, query, values)):
        connection.execute(_OWN, (server, status, id))
        key: str = rows(connection, _ASKED, (id,))[0][0]
        yield Claimed(stored(rows(connection, _OWNED, (id,))[0]), key, request, attempt, deaths)


def _released(connection: apsw.Connection, id: str, server: str, status: str) -> bool:
    connection.execute(_RELEASE, (status, id, server))
    if not connection.changes():
        return False
    connection.execute(_UNDO, (id,))
    return True


def _disowned(connection: apsw.Connection, query: str, values: Values) -> int:
    ids = rows(connection, query, values)
    connection.executemany(_DISOWN, ids)
    return len(ids)
