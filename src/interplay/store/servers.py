"""Which owners of interactions live, by the database's clock, and what is taken over from those that are gone."""

from typing import Final

from interplay.store.database import Database, Steps, ask
from interplay.store.interactions import StoredInteraction, stored
from interplay.store.signals import Signals, TakenAway

_FORGET: Final = "DELETE FROM servers WHERE seen < NOW - 86400 AND id <> :server"
_SEEN: Final = (
    "INSERT INTO servers (id, started, seen) VALUES (:server, NOW, NOW) ON CONFLICT (id) DO UPDATE SET"
    " seen = excluded.seen"
)
_LEFT: Final = "DELETE FROM servers WHERE id = :server"
_TAKE: Final = (
    "WITH lately AS MATERIALIZED (SELECT id FROM servers WHERE seen > NOW - CAST(:silent AS float8)),"
    # What another transaction holds is being written or ended.
    " gone AS (SELECT turn FROM interactions WHERE state = 0 AND owner <> :server"
    " AND owner NOT IN (SELECT id FROM lately)"
    " AND NOT EXISTS (SELECT 1 FROM work WHERE interaction = interactions.id)"
    " ORDER BY turn LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " UPDATE interactions SET owner = :server WHERE turn IN (SELECT turn FROM gone)"
    " RETURNING project, id, status, owner, input, resource"
)


class Servers:
    """The part of a `Store` that knows who lives."""

    _database: Database
    signals: Signals

    async def seen(self, server: str) -> None:
        """Note that this owner of interactions lives now, by the database's own clock: machines need not agree."""
        await self._database.transact(lambda: _seen(server))

    async def left(self, server: str) -> None:
        """Forget an owner: it has stopped, and what it may have left in progress can be taken over at once."""
        await self._database.write(_LEFT, server=server)

    async def take_over(self, server: str, silent_seconds: float, limit: int = 100) -> list[StoredInteraction]:
        """Make this the owner of at most `limit` interactions in progress, of all projects, whose owner is gone.

        Work is left to `work.requeue`. Gone is who was never seen, or not for `silent_seconds`; `server` itself is
        seen if it gets any. Each interaction goes to one taker only, and what its earlier owner still tries to write
        is refused from then on.
        """
        # One at a time, or a taker that has waited for a row would not know yet that its new owner lives.
        taken = await self._database.transact(lambda: _take(server, silent_seconds, limit), alone="take over")
        if taken:
            self.signals.tell(TakenAway(tuple(each.id for each in taken)))
        return taken


def _seen(server: str) -> Steps[None]:
    yield ask(_FORGET, server=server)
    yield ask(_SEEN, server=server)


def _take(server: str, silent_seconds: float, limit: int) -> Steps[list[StoredInteraction]]:
    taken = yield ask(_TAKE, server=server, silent=silent_seconds, limit=limit)
    if taken:
        yield ask(_SEEN, server=server)
    return [stored(row) for row in taken]
