"""What is in progress, as its owners must know it, and wishes to cancel it.

A wish is durable: it holds for whoever owns the interaction, now or after a takeover. Not here: signals, which only
make it heard sooner.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from interplay.store.database import Database
from interplay.store.signals import CancelAsked, Signal


class Owned(msgspec.Struct, frozen=True):
    """An interaction in progress."""

    project: str
    id: str
    cancel_asked: bool
    """Whether somebody wants it cancelled."""


_ASK: Final = (
    # `project || ''`: the row is found by its id, not by its project (`postgres/turns.py`).
    # Of one that was asked for before, an update that changes nothing, so that there is a row all the same.
    "INSERT INTO cancels (interaction, asked) SELECT id, NOW FROM interactions"
    " WHERE id = :id AND project || '' = :project AND state = 0 FOR SHARE"
    " ON CONFLICT (interaction) DO UPDATE SET asked = cancels.asked RETURNING 1"
)
_OWNED: Final = (
    "SELECT project, id, cancels.interaction IS NOT NULL FROM interactions"
    " LEFT JOIN cancels ON cancels.interaction = interactions.id WHERE owner = :owner AND state = 0"
)
_SETTLED: Final = "DELETE FROM cancels WHERE interaction = :id"
# One that was never met is of an interaction that has ended.
_FORGET: Final = "DELETE FROM cancels WHERE asked < NOW - 86400"


class InProgress:
    """Interactions in progress. All methods raise Failure when the database does not answer."""

    def __init__(self, database: Database, tell: Callable[[Signal], None]) -> None:
        self._database = database
        self._tell = tell

    async def ask_to_cancel(self, project: str, id: str) -> bool:
        """Ask its owner to cancel it; durable when this returns, and told. False when it is not in progress."""
        asked = bool(await self._database.write_along(id, _ASK, id=id, project=project))
        if asked:
            self._tell(CancelAsked((id,)))
            await self._database.write(_FORGET)
        return asked

    async def owned(self, owner: str) -> list[Owned]:
        """All that this owner has in progress, of all projects."""
        found = await self._database.read(_OWNED, owner=owner)
        return [Owned(project, id, bool(asked)) for project, id, asked in found]

    async def settled(self, id: str) -> None:
        """Forget the wish, which has been met or come too late."""
        await self._database.write_along(id, _SETTLED, id=id)
