"""The memory of this process, given back in quiet moments."""

from collections.abc import Sequence

from interplay.jobs.loop import Loop
from interplay.jobs.memory import SECONDS, Memory
from interplay.observe import Observer
from interplay.parts.part import Part


class MemoryPart(Part):
    """The loop that gives it back."""

    def __init__(self, observe: Observer) -> None:
        self._observe = observe

    def loops(self) -> Sequence[Loop]:
        """That loop."""
        return (Loop("memory", Memory().tick, SECONDS, self._observe),)
