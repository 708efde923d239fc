"""Asks a model one question: how probable it holds each option to be. Not here: what the client is told (`answers`)."""

from collections.abc import Sequence
from typing import Final

from interplay import wire
from interplay.engine.decisions import prompt
from interplay.engine.decisions.labels import LETTERS, groups
from interplay.engine.decisions.prompt import Option
from interplay.engine.decisions.weights import averaged
from interplay.models.base import Counts
from interplay.models.catalogue import Served

WORTH_ASKING: Final = 0.001
"""A group of options less probable than this is shared out evenly: asking within it could change nothing."""


class Asking:
    """One shared input and the model that reads it; counts what its questions cost."""

    def __init__(self, served: Served, content: wire.DecisionInput) -> None:
        self._served = served
        self._shared = prompt.shared_text(content)
        self.counts: list[Counts] = []
        """Of each time the model was asked."""

    def check(self, question: wire.DecisionQuestion) -> None:
        """Refuse what the model cannot honour. Raises Failure."""
        text = prompt.question_text(question, prompt.options(question))
        self._served.backend.check(prompt.conversation(self._served.model, self._shared, text))

    async def probabilities(self, question: wire.DecisionQuestion) -> tuple[float, ...]:
        """Of each option, in the question's order: the mean over the options listed forwards and backwards.

        Models prefer some labels to others, whatever stands behind them; each option gets a good and a bad one.
        """
        return averaged(*await self.both_ways(question))

    async def both_ways(self, question: wire.DecisionQuestion) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The probabilities with the options listed forwards, and those with them backwards; both in their order."""
        listed = prompt.options(question)
        forwards = await self._listed(question, listed)
        backwards = await self._listed(question, listed[::-1])
        return forwards, backwards[::-1]

    async def _listed(self, question: wire.DecisionQuestion, listed: Sequence[Option]) -> tuple[float, ...]:
        """The probabilities of the options as they are listed."""
        text = prompt.question_text(question, listed)
        if isinstance(question, wire.NoulQuestion):
            return await self._weigh(text, [option.name for option in listed])
        if len(listed) <= len(LETTERS):
            return await self._weigh(text, LETTERS[: len(listed)])
        return await self._in_groups(text, len(listed))

    async def _in_groups(self, text: str, count: int) -> tuple[float, ...]:
        """The probability of each label's first letter, times that of its second once the first is said."""
        shared = groups(count)
        firsts = await self._weigh(text, [group.letter for group in shared])
        found: list[float] = []
        for group, first in zip(shared, firsts, strict=True):
            if first < WORTH_ASKING:
                found += [first / group.size] * group.size
            else:
                found += [first * second for second in await self._weigh(text, group.seconds(), group.letter)]
        return tuple(found)

    async def _weigh(self, text: str, answers: Sequence[str], first: str | None = None) -> tuple[float, ...]:
        request = prompt.conversation(self._served.model, self._shared, text, first)
        weighed = await self._served.backend.weigh(request, tuple(answers))
        self.counts.append(weighed.counts)
        return weighed.probabilities
