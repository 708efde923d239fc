"""Decisions: questions answered at once, observed and metered, and nothing kept of them."""

import asyncio

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock, day
from interplay.engine.decisions.asking import Asking
from interplay.engine.decisions.decide import decide
from interplay.errors import Failure
from interplay.models.base import Counts, summed
from interplay.models.catalogue import Catalogue, Served
from interplay.observe import DecisionsEnded, Observer
from interplay.runs.limits import Limits
from interplay.runs.metering import Meter
from interplay.store.usage import Spent, Used


class Deciding:
    """Answers by the models of the catalogue. `temperature` is the calibration's."""

    def __init__(
        self,
        catalogue: Catalogue,
        meter: Meter,
        limits: Limits,
        clock: Clock,
        observe: Observer,
        *,
        temperature: float,
    ) -> None:
        self._catalogue = catalogue
        self._meter = meter
        self._limits = limits
        self._clock = clock
        self._observe = observe
        self._temperature = temperature

    async def decide(self, caller: Caller, request: wire.CreateDecisionRequest) -> wire.CreateDecisionResponse:
        """The answers to all questions. Raises Failure; whoever is cancelled is observed and metered too."""
        admission = await self._limits.admit(caller)
        counts: list[Counts] = []
        try:
            served = await self._catalogue.resolve(request.model)
            asking = Asking(served, request.input)
            counts = asking.counts
            return await self._answer(caller.project, request, served, asking)
        finally:
            spent = self._spent(caller, request.model, summed(counts))
            admission.end(spent.used.total)
            if counts:
                self._meter.add(spent)

    async def _answer(
        self, project: str, request: wire.CreateDecisionRequest, served: Served, asking: Asking
    ) -> wire.CreateDecisionResponse:
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
            self._observe(
                DecisionsEnded(
                    project=project,
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
