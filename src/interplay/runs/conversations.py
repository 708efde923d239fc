"""The steps of recent conversations, kept in memory so that a long one is not loaded again for every turn.

Only a cache: what is not here is loaded from the store. Deleting any interaction empties it, so that nothing
deleted is shown to a model again.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from interplay import wire

MOST_STEPS: Final = 200_000
"""Steps kept in all; one that several turns share is counted for each."""


class Conversations:
    """From the interaction that ended a conversation so far to its steps."""

    def __init__(self, most_steps: int = MOST_STEPS) -> None:
        self._most = most_steps
        self._held = 0
        self._steps: OrderedDict[tuple[str, str], Sequence[wire.Step]] = OrderedDict()

    def get(self, project: str, id: str) -> Sequence[wire.Step] | None:
        """The whole conversation up to and including this interaction."""
        steps = self._steps.get((project, id))
        if steps is not None:
            self._steps.move_to_end((project, id))
        return steps

    def put(self, project: str, id: str, steps: Sequence[wire.Step]) -> None:
        """Remember a conversation; the longest unused ones make room."""
        self._forget((project, id))
        self._steps[project, id] = steps
        self._held += len(steps)
        while self._held > self._most:
            self._forget(next(iter(self._steps)))

    def clear(self) -> None:
        """Forget everything."""
        self._steps.clear()
        self._held = 0

    def _forget(self, key: tuple[str, str]) -> None:
        self._held -= len(self._steps.pop(key, ()))
