"""What is learnt of each model of an upstream from its answers. Not here: what is learnt from refusals (`ways`)."""

from collections import OrderedDict
from typing import Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.chat.thinking import ThoughtScreen, Unopened

_MOST_MODELS: Final = 1000
"""Models that are remembered: some upstreams answer under any name, and clients choose it."""


class Habit(msgspec.Struct):
    """What one model does."""

    begins_thinking: bool = False
    """Whether its last answer began inside of a thought."""


class Habits:
    """Of all models of an upstream. `begins_thinking`: as the settings say it of them; None where they do not."""

    def __init__(self, *, begins_thinking: bool | None = None) -> None:
        self._begins_thinking = begins_thinking
        self._known: OrderedDict[str, Habit] = OrderedDict()

    def screen(self, request: ModelRequest) -> ThoughtScreen:
        """What tells thoughts from text in the answer; one that goes on does not begin with a thought."""
        unopened = "never" if request.continues else self._unopened(request.model)
        return ThoughtScreen(unopened, incremental=request.incremental)

    def note(self, request: ModelRequest, screen: ThoughtScreen) -> None:
        """Learn from an answer that has ended."""
        model = request.model
        habit = self._known.get(model) or Habit()
        habit.begins_thinking = screen.was_unopened
        if habit != Habit():
            self._known[model] = habit
            self._known.move_to_end(model)
        else:
            self._known.pop(model, None)
        while len(self._known) > _MOST_MODELS:
            self._known.popitem(last=False)

    def _unopened(self, model: str) -> Unopened:
        if self._begins_thinking is not None:
            return "always" if self._begins_thinking else "never"
        known = self._known.get(model)
        return "seen" if known is not None and known.begins_thinking else "unknown"
