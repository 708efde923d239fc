"""Asks a model one question: how probable it holds each option to be. Not here: what the client is told (`answers`)."""

from collections.abc import Sequence

from interplay import wire
from interplay.engine.decisions import prompt
from interplay.engine.decisions.labels import LETTERS, groups
from interplay.engine.decisions.prompt import Option
from interplay.engine.decisions.weights import averaged, ranked
from interplay.models.base import Counts
from interplay.models.catalogue import Served


class Asking:
    """One shared input and the model that reads it; counts what its questions cost."""

    def __init__(self, served: Served, content: wire.DecisionInput) -> None:
        self._served = served
        self.at_once = served.backend.weighs_at_once
        """Questions that the model takes at the same time."""
        self._shared = prompt.shared_text(content)
        self.counts: list[Counts] = []
        """Of each time the model was asked."""

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
        """The probabilities of the options as they are listed: of some at once, of many by a tournament."""
        if len(listed) <= len(LETTERS):
            return await self._weigh(question, listed)
        heats = groups(listed)
        odds = [await self._weigh(question, heat) for heat in heats]
        best = [heat[chances.index(max(chances))] for heat, chances in zip(heats, odds, strict=True)]
        return ranked(odds, await self._weigh(question, best))

    async def _weigh(self, question: wire.DecisionQuestion, listed: Sequence[Option]) -> tuple[float, ...]:
        text = prompt.question_text(question, listed)
        request = prompt.conversation(self._served.model, self._shared, text)
        weighed = await self._served.backend.weigh(request, prompt.answers(question, listed))
        self.counts.append(weighed.counts)
        return weighed.probabilities
