"""The port of the work: background interactions that are done whatever becomes of the server that does them.

Work waits, is claimed by a server, and is gone once its interaction has ended or was deleted. It waits in tiers; within
a tier every project gets its turn, however much another one has asked for. `Store.insert` enqueues it.
"""

from typing import Final, Protocol

import msgspec

from interplay.store.interactions import StoredInteraction


class Claimed(msgspec.Struct, frozen=True):
    """Work that is this server's to do."""

    interaction: StoredInteraction
    key: str
    """The API key that asked."""
    request: bytes
    attempt: int
    """How often it was given out by now: 1, 2, ..."""
    deaths: int
    """How often a server died that had it."""


class Full(msgspec.Struct, frozen=True):
    """Projects and keys whose work is passed over, since they have as many runs as they may."""

    projects: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def and_one(self, kind: str, id: str) -> "Full":
        """The same and one more `project` or `key`."""
        if kind == "project":
            return Full(self.projects | {id}, self.keys)
        return Full(self.projects, self.keys | {id})


NOBODY: Final = Full()


class WorkStore(Protocol):
    """Claims, and what becomes of them. All methods concern all projects, but for `take` and `waiting`."""

    async def claim(self, server: str, status: str, limit: int, full: Full = NOBODY) -> list[Claimed]:
        """Give this server at most `limit` of what waits, in the order of tiers and turns; each to one server only.

        The interactions are this owner's then and have this status. What belongs to who is `full` goes on waiting.
        """

    async def release(self, id: str, server: str, status: str) -> bool:
        """Let one wait again, with this status, as if this server had never claimed it; False when it is not its."""

    async def take(self, project: str, id: str, server: str) -> Claimed | None:
        """Give this server a particular piece that waits, out of turn; None when it does not wait."""

    async def give_back(self, server: str) -> int:
        """Let everything wait again that was given to this server, at its old turn; how much."""

    async def requeue(self, silent_seconds: float) -> int:
        """Let everything wait again whose owner is gone, as `Store.take_over` says; how much."""

    async def waiting(self, project: str, key: str | None = None) -> int:
        """How much of a project's work waits, or of what one of its keys has asked for."""
