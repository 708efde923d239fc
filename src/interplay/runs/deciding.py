"""Decisions: questions answered at once, observed and metered, and nothing kept of them."""

import asyncio

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock, day
from interplay.engine.decisions.asking import Asking
from interplay.engine.decisions.decide import decide
from interplay.errors import Failure
from interplay.models.base import Counts, summed
from interplay.models.catalogue import Catalogue
from interplay.observe import DecisionsEnded, Observer
from interplay.runs.metering import Meter
from interplay.store.usage import Spent, Used


class Deciding:
    """Answers by the models of the catalogue. `temperature` is the calibration's."""

    def __init__(
        self, catalogue: Catalogue, meter: Meter, clock: Clock, observe: Observer, *, temperature: float
    ) -> None:
        self._catalogue = catalogue
        self._meter = meter
        self._clock = clock
        self._observe = observe
        self._temperature = temperature

    async def decide(self, caller: Caller, request: wire.CreateDecisionRequest) -> wire.CreateDecisionResponse:
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
            counts = summed(asking.counts)
            if asking.counts:
                self._meter.add(self._spent(caller, request.model, counts))
            self._observe(
                DecisionsEnded(
                    project=caller.project,
                    model=served.entry,
                    questions=len(request.questions),
                    seconds=self._clock() - started,
                    input_tokens=counts.input or 0,
                    output_tokens=counts.output or 0,
                    failure=failure,
                )
            )

    def _spent(self, caller: Caller, model: str, counts: Counts) -> Spent:
        used = Used(
            day=day(self._clock()),
            input=counts.input or 0,
            cached=counts.cached or 0,
            output=counts.output or 0,
            thought=counts.thought or 0,
        )
        return Spent(project=caller.project, key=caller.key, model=model, used=used)
