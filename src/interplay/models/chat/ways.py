"""How each model of an upstream is asked, as learnt from what it has refused: once, and then remembered.

A refusal that names what was not taken (`learnable`) is followed by the same request without it. If that is answered,
it was the reason, and the model is asked so from the beginning from then on.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from interplay.errors import Failure
from interplay.models.chat.learnable import Body, Way
from interplay.models.chat.refusals import Refused

REMEMBERED_SECONDS: Final = 3600.0
"""How long a refusal counts: upstreams are upgraded, and a refusal may have been about one odd schema only."""

_MOST_MODELS: Final = 1000
"""Models that are remembered: some upstreams answer under any name, and clients choose it."""

_NAMED: Final = {400, 404, 405, 415, 422, 500, 501}
"""Statuses by which servers refuse what they name; those that render a template say 500."""

_ANY: Final = {400, 422, 501}
"""Those by which they refuse a field, or a schema, in words of any kind."""


def _unheard(_model: str, _way: str) -> None:
    """For those who need not hear of it."""


class Ways:
    """What each model takes, of what is in the table. `now` tells the time in seconds.

    `learnt` hears of each model that was found not to take something, and of what by its name, when it is new.
    """

    def __init__(
        self,
        table: Sequence[Way] = (),
        now: Callable[[], float] = time.monotonic,
        learnt: Callable[[str, str], None] = _unheard,
    ) -> None:
        self._table = table
        self._now = now
        self._learnt = learnt
        self._refused: dict[str, dict[str, float]] = {}
        """When each model refused what."""
        self._taken: set[tuple[str, str]] = set()
        """What models took that they may refuse in any words: what they refuse is a single one of its kind."""

    def known(self, model: str) -> tuple[Way, ...]:
        """What the model is known not to take."""
        refused = self._refused.get(model)
        if not refused:
            return ()
        long_ago = self._now() - REMEMBERED_SECONDS
        return tuple(way for way in self._table if refused.get(way.name, long_ago) > long_ago)

    def other(self, body: Body, failure: Failure, left: Sequence[Way]) -> Way | None:
        """What to leave out now, of what has not been `left` out; None where the refusal is about something else."""
        if not isinstance(failure, Refused):
            return None
        ways = (way for way in self._table if way not in left and way.concerns(body))
        return next((way for way in ways if _is_refused(way, failure)), None)

    def answered(self, model: str, body: Body, left: Sequence[Way]) -> None:
        """Learn from an answer to this body, where this was left out because of a refusal just now."""
        known = self.known(model)
        for way in left:
            if (model, way.name) not in self._taken:
                self._refused.setdefault(model, {})[way.name] = self._now()
                if way not in known:
                    self._learnt(model, way.name)
        if len(self._refused) > _MOST_MODELS:
            del self._refused[next(iter(self._refused))]
        if len(self._taken) > _MOST_MODELS:
            self._taken.clear()
        for way in self._table:
            if way.refusal is None and way.concerns(body):
                self._taken.add((model, way.name))


def _is_refused(way: Way, failure: Refused) -> bool:
    if way.refusal is None:
        return failure.upstream_status in _ANY
    return failure.upstream_status in _NAMED and way.refusal.match(failure.words) is not None
