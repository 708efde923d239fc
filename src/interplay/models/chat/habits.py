"""What is learnt of how each model of an upstream thinks. Not here: what else it does not take (`ways`).

It is learnt from anybody's answers and holds for everybody's, and a model can be had to write any tag. So an answer to
a request that speaks of thinking tags teaches nothing, and a model that was seen to answer plainly must begin inside of
a thought several times in a row: a template that opens thoughts does so always.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.chat.reasoning import USUAL
from interplay.models.chat.thinking import ThoughtScreen, Unopened

_MOST_MODELS: Final = 1000
"""Models that are remembered: some upstreams answer under any name, and clients choose it."""

_IN_A_ROW: Final = 3
"""Answers that must begin inside of a thought before that is believed of a model that has answered plainly."""

_TAG: Final = b"think>"
"""What all tags of thoughts that may have been opened unseen end with."""


class Habit(msgspec.Struct, frozen=True):
    """What one model does."""

    begun: int = 0
    """How many of its answers in a row began inside of a thought."""
    plain: bool = False
    """Whether one did not, though nothing but its template kept it from that."""
    form: str = USUAL
    """How its reasoning comes and goes back (`reasoning`)."""

    @property
    def begins_thinking(self) -> bool:
        """Whether the next one is expected to."""
        return self.begun >= (_IN_A_ROW if self.plain else 1)

    def after(self, request: ModelRequest, form: str, *, unopened: bool) -> "Habit":
        """What is known after an answer to this, which began inside of a thought or not."""
        if not unopened:
            return Habit(0, self.plain or _is_free(request), form)
        teaches = self.begun < _IN_A_ROW and not _speaks_of_tags(request)
        return Habit(self.begun + teaches, self.plain, form)


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
        known = self._known.get(request.model, Habit())
        self._keep(request.model, known.after(request, form, unopened=screen.was_unopened))

    def form(self, model: str) -> str:
        """How reasoning goes back to a model."""
        return self._known.get(model, Habit()).form

    def _keep(self, model: str, habit: Habit) -> None:
        self._known.pop(model, None)
        if habit != Habit():
            self._known[model] = habit
        if len(self._known) > _MOST_MODELS:  # one that answers plainly pushes nothing out
            self._known.popitem(last=habit == Habit(plain=True))

    def _unopened(self, model: str) -> Unopened:
        if self._begins_thinking is not None:
            return "always" if self._begins_thinking else "never"
        known = self._known.get(model)
        return "seen" if known is not None and known.begins_thinking else "unknown"


def _is_free(request: ModelRequest) -> bool:
    """Whether nothing in a request keeps a model that thinks from showing it."""
    guided = request.functions or request.answer is not None or request.continues
    return not (guided or request.generation_config.stop_sequences)


def _speaks_of_tags(request: ModelRequest) -> bool:
    return _TAG in msgspec.json.encode([request.system_instruction, request.steps])
