"""The port of what is in progress, as its owners must know it, and of wishes to cancel it.

A wish is durable: it holds for whoever owns the interaction, now or after a takeover. Not here: signals, which only
make it heard sooner. `tests/store/test_in_progress.py` runs over all adapters.
"""

from typing import Protocol

import msgspec


class Owned(msgspec.Struct, frozen=True):
    """An interaction in progress."""

    project: str
    id: str
    cancel_asked: bool
    """Whether somebody wants it cancelled."""


class InProgress(Protocol):
    """Interactions in progress. All methods raise Failure when the database does not answer."""

    async def ask_to_cancel(self, project: str, id: str) -> bool:
        """Ask its owner to cancel it; durable when this returns, and told. False when it is not in progress."""

    async def owned(self, owner: str) -> list[Owned]:
        """All that this owner has in progress, of all projects."""

    async def settled(self, id: str) -> None:
        """Forget the wish, which has been met or come too late."""
