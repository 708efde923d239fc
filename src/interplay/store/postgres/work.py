"""Work as Postgres rows. Whoever locks both, locks the interaction before its work, or skips what is locked."""

from collections.abc import Callable
from typing import Any, Final

from interplay.store.interactions import stored
from interplay.store.postgres.connections import Connection, Connections, rows
from interplay.store.signals import Signal, WorkWaits
from interplay.store.work import NOBODY, Claimed, Full

ENQUEUE: Final = (
    # Behind the project's own work, and not before what waits already: so a long line of one project's is passed.
    ", enqueued AS (INSERT INTO work"
    " (interaction, project, tier, ticket, enqueued, state, attempts, deaths, request)"
    " SELECT %(id)s, %(project)s, %(tier)s, 1 + greatest("
    "(SELECT max(ticket) FROM work WHERE project = %(project)s AND tier = %(tier)s),"
    " coalesce((SELECT min(ticket) - 1 FROM work WHERE tier = %(tier)s AND state = 0),"
    " (SELECT max(ticket) FROM work WHERE tier = %(tier)s), 0)),"
    " %(created)s, %(given)s, %(given)s, 0, %(request)b{new})"
)
_PICKED: Final = "FROM work JOIN interactions ON interactions.id = work.interaction AND interactions.state = 0"
_GIVEN: Final = (
    "given AS (UPDATE work SET state = 1, attempts = attempts + 1 FROM picked WHERE work.interaction = picked.id"
    " RETURNING work.*), "
    "owned AS (UPDATE interactions SET owner = %(server)s, status = coalesce(%(status)s::text, status)"
    " FROM picked WHERE interactions.id = picked.id RETURNING interactions.*) "
    "SELECT owned.project, owned.id, owned.status, owned.owner, owned.input, owned.resource,"
    " owned.key, given.request, given.attempts, given.deaths"
    " FROM owned JOIN given ON given.interaction = owned.id"
)
# S608 below: all pieces of these statements are the constants above.
_CLAIM: Final = (
    f"WITH picked AS (SELECT interactions.id {_PICKED} WHERE work.state = 0"
    " AND work.project <> ALL(%(projects)s::text[]) AND interactions.key <> ALL(%(keys)s::text[])"
    " ORDER BY tier, ticket, enqueued LIMIT %(limit)s FOR UPDATE SKIP LOCKED), "
    f"{_GIVEN} ORDER BY given.tier, given.ticket, given.enqueued"
)
_TAKE: Final = (
    f"WITH picked AS (SELECT interactions.id {_PICKED} WHERE work.state = 0"
    f" AND interactions.id = %(id)s AND interactions.project || '' = %(project)s FOR UPDATE), {_GIVEN}"
)
_DISOWNED: Final = (
    "disowned AS (UPDATE interactions SET owner = '' FROM picked WHERE interactions.id = picked.id)"
    " UPDATE work SET state = 0, deaths = deaths + %(deaths)s FROM picked WHERE work.interaction = picked.id"
    " RETURNING 1"
)
_BACK: Final = (
    f"WITH picked AS (SELECT interactions.id {_PICKED} WHERE work.state = 1 AND owner = %(server)s FOR UPDATE), "
    f"{_DISOWNED}"
)
_REQUEUE: Final = (
    f"WITH picked AS (SELECT interactions.id {_PICKED} WHERE work.state = 1 AND owner NOT IN (SELECT id FROM servers"  # noqa: S608
    " WHERE seen > extract(epoch FROM clock_timestamp())::float8 - %(silent)s::float8) FOR UPDATE SKIP LOCKED), "
    f"{_DISOWNED}"
)
_RELEASE: Final = (
    "WITH released AS (UPDATE interactions SET owner = '', status = %(status)s"
    " WHERE id = %(id)s AND owner = %(server)s AND state = 0"
    " AND EXISTS (SELECT 1 FROM work WHERE interaction = %(id)s) RETURNING id)"
    " UPDATE work SET state = 0, attempts = attempts - 1 FROM released WHERE work.interaction = released.id RETURNING 1"
)
_WAITING: Final = "SELECT count(*) FROM work WHERE project = %s AND state = 0"
_KEYS_WAITING: Final = (
    "SELECT count(*) FROM work JOIN interactions ON interactions.id = work.interaction"
    " WHERE work.project = %s AND work.state = 0 AND interactions.key = %s"
)


class PostgresWork:
    """The `WorkStore` port on Postgres."""

    def __init__(self, connections: Connections, tell: Callable[[Signal], None]) -> None:
        self._connections = connections
        self._tell = tell

    async def claim(self, server: str, status: str, limit: int, full: Full = NOBODY) -> list[Claimed]:
        """Own the next of what waits."""
        passed = {"projects": list(full.projects), "keys": list(full.keys)}
        return await self._given(_CLAIM, {"server": server, "status": status, "limit": limit, **passed})

    async def release(self, id: str, server: str, status: str) -> bool:
        """Let one wait again."""
        return bool(await self._rows(_RELEASE, {"id": id, "server": server, "status": status}))

    async def take(self, project: str, id: str, server: str) -> Claimed | None:
        """Own this, if it waits."""
        taken = await self._given(_TAKE, {"server": server, "status": None, "project": project, "id": id})
        return taken[0] if taken else None

    async def give_back(self, server: str) -> int:
        """Let it wait again."""
        return await self._let_wait(_BACK, {"server": server, "deaths": 0})

    async def requeue(self, silent_seconds: float) -> int:
        """Let wait again what belongs to nobody."""
        return await self._let_wait(_REQUEUE, {"silent": silent_seconds, "deaths": 1})

    async def waiting(self, project: str, key: str | None = None) -> int:
        """How much waits."""
        query, values = (_WAITING, (project,)) if key is None else (_KEYS_WAITING, (project, key))
        count: int = (await self._rows(query, values))[0][0]
        return count

    async def _given(self, query: str, values: dict[str, Any]) -> list[Claimed]:
        return [_claimed(row) for row in await self._rows(query, values)]

    async def _let_wait(self, query: str, values: dict[str, Any]) -> int:
        if count := len(await self._rows(query, values)):
            self._tell(WorkWaits())
        return count

    async def _rows(self, query: str, values: Any) -> list[tuple[Any, ...]]:
        async def asked(own: Connection) -> list[tuple[Any, ...]]:
            return await rows(own, query, values)

        return await self._connections.do(asked)


def _claimed(row: tuple[Any, ...]) -> Claimed:
    project, id, status, owner, input, resource, *rest = row
    return Claimed(stored((project, id, status, owner, input, resource)), *rest)
