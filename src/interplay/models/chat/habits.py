"""What is learnt of how each model of an upstream thinks. Not here: what else it does not take (`ways`)."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.chat.messages import Message
from interplay.models.chat.reasoning import USUAL, has_reasoning, in_form, is_refused, without_reasoning
from interplay.models.chat.refusals import Refused
from interplay.models.chat.thinking import ThoughtScreen, Unopened
from interplay.models.chat.ways import REMEMBERED_SECONDS

_MOST_MODELS: Final = 1000
"""Models that are remembered: some upstreams answer under any name, and clients choose it."""


class Habit(msgspec.Struct, frozen=True):
    """What one model does."""

    begins_thinking: bool = False
    """Whether its last answer began inside of a thought."""
    form: str = USUAL
    """How its reasoning comes and goes back (`reasoning`)."""
    refused: float | None = None
    """When it refused to have it back."""


class Habits:
    """Of all models of an upstream. `begins_thinking`: as the settings say it of them; None where they do not."""

    def __init__(self, *, begins_thinking: bool | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._begins_thinking = begins_thinking
        self._now = now
        self._known: OrderedDict[str, Habit] = OrderedDict()

    def screen(self, request: ModelRequest) -> ThoughtScreen:
        """What tells thoughts from text in the answer; one that goes on does not begin with a thought."""
        unopened = "never" if request.continues else self._unopened(request.model)
        return ThoughtScreen(unopened, incremental=request.incremental)

    def note(self, request: ModelRequest, screen: ThoughtScreen, reasoned_in: str | None) -> None:
        """Learn from an answer that has ended, whose reasoning came in this form beside the text."""
        tag = "<think>" if screen.was_unopened else screen.tag
        known = self._known.get(request.model, Habit())
        form = reasoned_in or tag or known.form
        self._keep(request.model, Habit(screen.was_unopened, form, known.refused))

    def with_reasoning(self, model: str, chat: Sequence[Message]) -> list[Message]:
        """The conversation as this model gets it: with its reasoning in its own form, or without."""
        known = self._known.get(model, Habit())
        if known.refused is not None and self._now() - known.refused < REMEMBERED_SECONDS:
            return without_reasoning(chat)
        return in_form(chat, known.form)

    def refuses_reasoning(self, model: str, chat: Sequence[Message], refusal: Refused) -> bool:
        """Whether a model has refused a conversation for the reasoning in it, which it then gets no more."""
        sent = has_reasoning(chat) and self.with_reasoning(model, chat) != without_reasoning(chat)
        if not (sent and is_refused(refusal)):
            return False
        self._keep(model, msgspec.structs.replace(self._known.get(model, Habit()), refused=self._now()))
        return True

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
