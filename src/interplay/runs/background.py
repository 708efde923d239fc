"""The background runs of this server: as many at once as it may; the others wait in the store, each project in turn.

A run that a server leaves unfinished, by dying or by being stopped, waits again, and whoever claims it goes on with it
(`resuming`).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.engine import status as statuses
from interplay.engine.run import summary
from interplay.errors import Failure
from interplay.notes import Note, written
from interplay.observe import HintsTaken, Observer
from interplay.runs.accepting import Acceptance, Accepted
from interplay.runs.keeping import Keeping
from interplay.runs.limits import Admission, Limits
from interplay.runs.live import Beginning, Live
from interplay.runs.log import numbered
from interplay.runs.recovery import End, end
from interplay.runs.resuming import Resuming
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent, Work
from interplay.store.signals import LookEverywhere, Signal, WorkWaits
from interplay.store.work import Claimed, Full
from interplay.wire.base import ABSENT

_TIERS: Final = {"priority": 0, "standard": 1, "flex": 2, "deferred": 3}
_MOST_HELD: Final = 1000
"""Claims that are held because they cannot be begun just now."""
_encode = msgspec.json.Encoder().encode


class Enqueued(msgspec.Struct, frozen=True):
    """An interaction that was accepted, as it was then."""

    interaction: wire.Interaction
    notes: tuple[Note, ...] = ()
    """What was taken of the request though nothing comes of it."""


class Background:
    """Begins what is asked for at once while there is room, and takes what waits when there is room again."""

    def __init__(
        self,
        *,
        store: Store,
        live: Live,
        acceptance: Acceptance,
        keeping: Keeping,
        limits: Limits,
        clock: Clock,
        owner: str,
        most: int,
        observe: Observer,
    ) -> None:
        self._store = store
        self._live = live
        self._acceptance = acceptance
        self._keeping = keeping
        self._limits = limits
        self._resuming = Resuming(store, live, acceptance, limits, clock, owner, observe)
        self._clock = clock
        self._owner = owner
        self._most = most
        self._observe = observe
        self._taken: deque[Claimed] = deque()
        """Claimed, to be begun at once."""
        self._later: deque[Claimed] = deque()
        """Claimed, and could not be begun just now; takes no place."""
        self._coming = 0
        """Places for what is being kept or claimed."""
        self._all_came = asyncio.Event()
        self._all_came.set()
        self._claiming = asyncio.Lock()
        self._full = Full()
        """Who has as many runs as they may, and so is passed over."""
        self._closed = False

    async def enqueue(self, caller: Caller, request: wire.CreateInteraction, id: str | None = None) -> Enqueued:
        """Accept an interaction and begin it, or let it wait for its turn; as it is then.

        Raises Failure, with nothing kept, for what cannot be accepted.
        """
        await self._limits.accept(caller)
        ready = await self._acceptance.accept(caller.project, request, incremental=True, id=id)
        interaction = await self._begun_or_queued(caller, request, ready)
        if notes := ready.notes.now():
            self._observe(HintsTaken(caller.project, interaction.id, written(notes)))
        return Enqueued(interaction, notes)

    async def _begun_or_queued(
        self, caller: Caller, request: wire.CreateInteraction, ready: Accepted
    ) -> wire.Interaction:
        interaction = ready.task.accepted
        admission = await self._place(caller)
        if admission is None:
            return await self._queue(caller, request, interaction)
        try:
            await self._keeping.keep(caller, request, interaction, self._owner, _work(request, interaction))
            beginning = Beginning(caller=caller, request=request, accepted=ready, admission=admission)
            return self._live.begin(beginning).interaction()
        except BaseException:
            admission.end()
            raise
        finally:
            self._expect(-1)

    async def cancel(self, project: str, id: str) -> bool:
        """End an interaction that waits; False when there is none."""
        later = [each for each in self._later if (each.interaction.project, each.interaction.id) == (project, id)]
        waiting = later[0] if later else await self._store.work.take(project, id, self._owner)
        if waiting is not None:
            self._later = deque(each for each in self._later if each is not waiting)
            await end(self._store, waiting.interaction, End(statuses.CANCELLED), self._clock, self._observe)
        return waiting is not None

    async def tick(self) -> None:
        """Claim and begin what waits, as far as there is room."""
        async with self._claiming:
            self._full = Full()
            for _ in range(min(self._room(), len(self._later))):
                self._taken.append(self._later.popleft())
            await self._begin_taken()
            while room := self._limits.at_once(self._room()):
                self._expect(room)
                try:
                    claimed = await self._store.work.claim(self._owner, statuses.IN_PROGRESS, room, self._full)
                finally:
                    self._expect(-room)
                self._taken.extend(claimed)
                await self._begin_taken()
                if len(claimed) < room:
                    return

    @staticmethod
    def concerned(signal: Signal) -> bool:
        """Whether a signal is a reason to `tick`."""
        return isinstance(signal, WorkWaits | LookEverywhere)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Have this called whenever it is worth to `tick` at once."""
        self._live.wake = wake

    async def hand_over(self) -> None:
        """Take no more, and stop what runs without ending it."""
        self._closed = True
        await self._all_came.wait()
        async with self._claiming:
            self._taken.clear()
            self._later.clear()
            runs = [run for run in self._live if run.background]
            for run in runs:
                run.hand_over()
            for run in runs:
                await run.ended()
        with suppress(Failure):  # then the others find out by themselves
            await self._store.work.give_back(self._owner)

    def holds(self, id: str) -> bool:
        """Whether it is claimed and will be begun when it can be."""
        return any(each.interaction.id == id for each in (*self._taken, *self._later))

    def _room(self) -> int:
        """Places for runs. What cannot be begun just now takes none, but there is an end to how much of it is held.

        Nor do runs that wait for a model that is away, as many as there are places: those of other models go on.
        """
        if self._closed or len(self._later) >= _MOST_HELD:
            return 0
        runs = [run for run in self._live if run.background and not run.has_ended()]
        working = len(runs) - min(self._most, sum(run.waits for run in runs))
        return max(0, self._most - working - len(self._taken) - self._coming)

    def _expect(self, change: int) -> None:
        """So many more places are for what is coming, or so many fewer."""
        self._coming += change
        if self._coming:
            self._all_came.clear()
        else:
            self._all_came.set()

    async def _place(self, caller: Caller) -> Admission | None:
        """A place that is coming, on this server and within the caller's limits, or None."""
        if self._room() < 1:
            return None
        self._expect(+1)
        place = None
        try:
            place = await self._limits.place(caller)
        finally:
            if not isinstance(place, Admission):
                self._expect(-1)
        return place if isinstance(place, Admission) else None

    async def _queue(
        self, caller: Caller, request: wire.CreateInteraction, interaction: wire.Interaction
    ) -> wire.Interaction:
        """Let it wait. The first event of its log tells so whoever follows it.

        It is nobody else's before that is written. Should this not get so far, it is found as a stray.
        """
        waiting = msgspec.structs.replace(interaction, status=statuses.QUEUED)
        await self._keeping.keep(caller, request, waiting, self._owner, _work(request, waiting))
        created = numbered(waiting.id, 1, wire.InteractionCreatedEvent(interaction=summary(waiting)))
        with suppress(Failure):
            await self._store.append([LoggedEvent(waiting.id, 1, created.payload)], owner=self._owner)
            await self._store.work.release(waiting.id, self._owner, statuses.QUEUED)
            self._store.signals.tell(WorkWaits())
        return waiting

    async def _begin_taken(self) -> None:
        """Begin each once. What cannot be begun or ended just now is held for the next time."""
        while self._taken and not self._closed:
            try:
                if full := await self._resuming.begin(self._taken[0]):
                    self._full = self._full.and_one(full.kind, full.id)
            except Failure:
                self._later.append(self._taken[0])
            self._taken.popleft()


def _work(request: wire.CreateInteraction, interaction: wire.Interaction) -> Work:
    """What is kept of a request so that any server can do it at any time."""
    tier = _TIERS[interaction.service_tier or "standard"]
    return Work(tier, _encode(msgspec.structs.replace(request, input=ABSENT)))
