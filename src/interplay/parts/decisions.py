"""Decisions: questions over one input, answered by probabilities."""

from collections.abc import Sequence

from interplay import clock
from interplay.api.decisions import Decisions
from interplay.api.operation import Known
from interplay.models.catalogue import Catalogue
from interplay.parts.part import Part, Process
from interplay.runs.deciding import Deciding
from interplay.runs.limits import Limits
from interplay.runs.metering import Meter


class DecisionsPart(Part):
    """The decisions of one server."""

    def __init__(self, process: Process, catalogue: Catalogue, meter: Meter, limits: Limits) -> None:
        temperature = process.settings.decisions.temperature
        self._deciding = Deciding(catalogue, meter, limits, clock.system, process.observe, temperature=temperature)

    def routes(self) -> Sequence[Known]:
        """The resource."""
        return Decisions(self._deciding).routes()
