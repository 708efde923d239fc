"""The steps of recent conversations, kept in memory so that a long one is not loaded again for every turn.

Only a cache: what is not here is loaded from the store. Deleting anything empties it, and what was read before a
deletion is not taken after it, so that nothing deleted is shown to a model again.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import msgspec

from interplay import wire

MOST_BYTES: Final = 32 << 20
"""Kept in all, as JSON; steps that several conversations share are counted for each."""


class Conversation(msgspec.Struct, frozen=True):
    """A conversation up to some turn."""

    steps: Sequence[wire.Step] = ()
    size: int = 0
    """Bytes of its inputs and resources as JSON."""
    generation: int = 0
    """The cache's generation when it was read."""


class Conversations:
    """From the interaction that ended a conversation so far to that conversation."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._known: OrderedDict[tuple[str, str], Conversation] = OrderedDict()
        self.generation = 0
        """Grows with every deletion."""

    def get(self, project: str, id: str) -> Conversation | None:
        """The whole conversation up to and including this interaction."""
        known = self._known.get((project, id))
        if known is not None:
            self._known.move_to_end((project, id))
        return known

    def put(self, project: str, id: str, conversation: Conversation) -> None:
        """Remember a conversation, unless something was deleted since it was read; the longest unused make room."""
        if conversation.generation != self.generation:
            return
        self._forget((project, id))
        self._known[project, id] = conversation
        self._held += conversation.size
        while self._held > self._most:
            self._forget(next(iter(self._known)))

    def clear(self) -> None:
        """Forget everything: something was, or is about to be, deleted."""
        self.generation += 1
        self._known.clear()
        self._held = 0

    def _forget(self, key: tuple[str, str]) -> None:
        if (conversation := self._known.pop(key, None)) is not None:
            self._held -= conversation.size
