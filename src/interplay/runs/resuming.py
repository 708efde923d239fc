"""From what a server has claimed to a run: begun, gone on with behind its log, or ended."""

from typing import Final

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.engine import status as statuses
from interplay.errors import Failure, our_fault
from interplay.observe import Fault, Observer
from interplay.runs.accepting import Acceptance
from interplay.runs.limits import Admission, Limits
from interplay.runs.live import Beginning, Live
from interplay.runs.recorder import Gone
from interplay.runs.recovery import End, end
from interplay.runs.replay import Replay, accepted, replay
from interplay.runs.windows import Rule
from interplay.store.base import Store
from interplay.store.work import Claimed

MOST_DEATHS: Final = 10
"""Servers that may die over a run before it is given up: it may be the reason."""

_PASSING: Final = frozenset({"unavailable", "storage_full"})
"""Failures that say nothing of the request: to be tried again in a moment."""

_request = msgspec.json.Decoder(wire.CreateInteraction)


class Resuming:
    """For one server, `owner`."""

    def __init__(
        self,
        store: Store,
        live: Live,
        acceptance: Acceptance,
        limits: Limits,
        clock: Clock,
        owner: str,
        observe: Observer,
    ) -> None:
        self._store = store
        self._live = live
        self._acceptance = acceptance
        self._limits = limits
        self._clock = clock
        self._owner = owner
        self._observe = observe

    async def begin(self, claimed: Claimed) -> Rule | None:
        """Begin it, or end it where that cannot be done; the limit that has no room for it, which lets it wait again.

        Raises Failure when it must be tried again.
        """
        try:
            return await self._resume(claimed)
        except Failure as failure:
            if failure.code in _PASSING:
                raise
            await self._end(claimed, failure)
        except Exception as error:  # noqa: BLE001 - the frame of all work: whatever it is, it must not be lost
            self._observe(Fault(f"work {claimed.interaction.id}", error))
            await self._end(claimed, our_fault())
        return None

    async def _resume(self, claimed: Claimed) -> Rule | None:
        """Begin it, or go on behind what its log shows. Raises Failure, or one of `DAMAGED`."""
        stored = claimed.interaction
        if (former := self._live.get(stored.id)) is not None:  # this server was taken for dead, and is its owner again
            former.storage_failed(Gone())
            await former.ended()
        earlier = await replay(self._store, stored)
        if earlier.folding.ended:
            await self._end(claimed)
            return None
        if claimed.deaths >= MOST_DEATHS:
            raise Failure("internal", f"The server died {claimed.deaths} times while it answered.")
        place = await self._limits.place(Caller(stored.project, claimed.key))
        if not isinstance(place, Admission):
            await self._store.work.release(stored.id, self._owner, statuses.QUEUED)
            return place.rule
        try:
            await self._go_on(claimed, earlier, place)
        except BaseException:
            place.end()
            raise
        return None

    async def _go_on(self, claimed: Claimed, earlier: Replay, admission: Admission) -> None:
        stored = claimed.interaction
        request = msgspec.structs.replace(_request.decode(claimed.request), input=msgspec.Raw(stored.input))
        before = msgspec.structs.replace(accepted(stored), status=statuses.IN_PROGRESS)
        ready = await self._acceptance.accept(stored.project, request, incremental=True, before=before)
        self._live.begin(
            Beginning(
                caller=Caller(stored.project, claimed.key),
                request=request,
                accepted=ready,
                earlier=earlier,
                attempt=claimed.attempt,
                admission=admission,
            )
        )

    async def _end(self, claimed: Claimed, failure: Failure | None = None) -> None:
        await end(self._store, claimed.interaction, End(statuses.FAILED, failure), self._clock, self._observe)
