"""What is learnt of how each model of an upstream thinks. Not here: what else it does not take (`ways`)."""

from collections import OrderedDict
from typing import Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.chat.reasoning import USUAL
from interplay.models.chat.thinking import ThoughtScreen, Unopened

_MOST_MODELS: Final = 1000
"""Models that are remembered: some upstreams answer under any name, and clients choose it."""


class Habit(msgspec.Struct, frozen=True):
    """What one model does."""

    begins_thinking: bool = False
    """Whether its last answer began inside of a thought."""
    form: str = USUAL
    """How its reasoning comes and goes back (`reasoning`)."""


class Habits:
    """Of all models of an upstream. `begins_thinking`: as the settings say it of them; None where they do not."""

    def __init__(self, *, begins_thinking: bool | None = None) -> None:
        self._begins_thinking = begins_thinking
        self._known: OrderedDict[str, Habit] = OrderedDict()

    def screen(self, request: ModelRequest) -> ThoughtScreen:
        """What tells thoughts from text in the answer; one that goes on does not begin with a thought."""
        unopened = "never" if request.continues else self._unopened(request.model)
        return ThoughtScreen(unopened, incremental=request.incremental)

    def note(self, request: ModelRequest, screen: ThoughtScreen, reasoned_in: str | None) -> None:
        """Learn from an answer that has ended, whose reasoning came in this form beside the text."""
        tag = "<think>" if screen.was_unopened else screen.tag
        form = reasoned_in or tag or self.form(request.model)
        self._keep(request.model, Habit(screen.was_unopened, form))

    def form(self, model: str) -> str:
        """How reasoning goes back to a model."""
        return self._known.get(model, Habit()).form

    def _keep(self, model: str, habit: Habit) -> None:
        self._known.pop(model, None)
        if habit != Habit():
            self._known[model] = habit
        if len(self._known) > _MOST_MODELS:
            self._known.popitem(last=False)

    def _unopened(self, model: str) -> Unopened:
        if self._begins_thinking is not None:
            return "always" if self._begins_thinking else "never"
        known = self._known.get(model)
        return "seen" if known is not None and known.begins_thinking else "unknown"
