"""What is in progress, and what of it is to be cancelled, as Postgres rows."""

from collections.abc import Callable
from typing import Final

from interplay.store.in_progress import Owned
from interplay.store.postgres.connections import NOW, Connections, rows, text
from interplay.store.postgres.line import Line, Statement
from interplay.store.signals import CancelAsked, Signal

_ASK: Final = (
    # One that was never met is of an interaction that has ended.
    f"WITH forgotten AS (DELETE FROM cancels WHERE asked < {NOW} - 86400 AND interaction <> %(id)s), "  # noqa: S608
    "there AS (SELECT id FROM interactions WHERE id = %(id)s AND project = %(project)s AND state = 0 FOR SHARE), "
    f"asked AS (INSERT INTO cancels (interaction, asked) SELECT id, {NOW} FROM there"
    " ON CONFLICT (interaction) DO NOTHING) "
    "SELECT 1 FROM there"
)
_OWNED: Final = (
    "SELECT project, id, cancels.interaction IS NOT NULL FROM interactions"
    " LEFT JOIN cancels ON cancels.interaction = interactions.id WHERE owner = %s AND state = 0"
)
_SETTLED: Final = "DELETE FROM cancels WHERE interaction = %s"


class PostgresInProgress:
    """The `InProgress` port."""

    def __init__(self, connections: Connections, writes: Line, tell: Callable[[Signal], None]) -> None:
        self._connections = connections
        self._writes = writes
        self._tell = tell

    async def ask_to_cancel(self, project: str, id: str) -> bool:
        """Keep the wish and tell of it."""
        found = await self._writes.do(Statement(_ASK, {"id": text(id), "project": project}, order=id))
        if found:
            self._tell(CancelAsked((id,)))
        return bool(found)

    async def owned(self, owner: str) -> list[Owned]:
        """All that this owner has in progress."""
        found = await self._connections.read(lambda own: rows(own, _OWNED, (owner,)))
        return [Owned(*row) for row in found]

    async def settled(self, id: str) -> None:
        """Forget the wish."""
        await self._writes.do(Statement(_SETTLED, (text(id),), order=id))
