"""Decisions: questions answered at once, observed, and nothing kept of them."""

import asyncio

from interplay import wire
from interplay.clock import Clock
from interplay.engine.decisions.asking import Asking
from interplay.engine.decisions.decide import decide
from interplay.errors import Failure
from interplay.models.base import summed
from interplay.models.catalogue import Catalogue
from interplay.observe import DecisionsEnded, Observer


class Deciding:
    """Answers by the models of the catalogue. `temperature` is the calibration's."""

    def __init__(self, catalogue: Catalogue, clock: Clock, observe: Observer, *, temperature: float) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._observe = observe
        self._temperature = temperature

    async def decide(self, project: str, request: wire.CreateDecisionRequest) -> wire.CreateDecisionResponse:
        """The answers to all questions. Raises Failure; whoever is cancelled is observed too."""
        served = await self._catalogue.resolve(request.model)
        asking = Asking(served, request.input)
        started = self._clock()
        failure: str | None = "internal"
        try:
            made = await decide(request, asking, self._temperature)
        except Failure as error:
            failure = error.code
            raise
        except asyncio.CancelledError:
            failure = "cancelled"
            raise
        else:
            failure = None
            return made
        finally:
            spent = summed(asking.counts)
            self._observe(
                DecisionsEnded(
                    project=project,
                    model=served.entry,
                    questions=len(request.questions),
                    seconds=self._clock() - started,
                    input_tokens=spent.input or 0,
                    output_tokens=spent.output or 0,
                    failure=failure,
                )
            )
