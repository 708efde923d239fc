"""`Runs`: everything that can be done with an interaction, for one server process."""

from collections.abc import Callable
from weakref import WeakSet

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.engine import status as statuses
from interplay.errors import Failure, invalid, not_found, shown
from interplay.notes import Note, written
from interplay.observe import HintsTaken, Observer
from interplay.runs.accepting import Acceptance
from interplay.runs.background import Background, Enqueued
from interplay.runs.conversations import Conversations
from interplay.runs.elsewhere import DELETION_SECONDS, PATIENCE_SECONDS, Elsewhere
from interplay.runs.following import Following
from interplay.runs.keeping import Keeping
from interplay.runs.limits import Limits
from interplay.runs.live import Beginning, Live
from interplay.runs.metering import Meter
from interplay.runs.oversight import Oversight
from interplay.runs.reading import StoredReader, foreign_cursor, sequence_of
from interplay.runs.run import Run
from interplay.runs.strays import Strays
from interplay.store.base import Store
from interplay.store.interactions import StoredInteraction
from interplay.wire.decode import input_steps

_encode = msgspec.json.Encoder().encode
_interaction = msgspec.json.Decoder(wire.Interaction)


class Started(msgspec.Struct, frozen=True):
    """A run that was accepted."""

    run: Run
    notes: Callable[[], tuple[Note, ...]]
    """What was taken of the request though nothing comes of it; more of it once the model has been asked."""


class Runs:
    """Starts runs and keeps them; answers for those that ended from the store."""

    def __init__(
        self,
        *,
        store: Store,
        acceptance: Acceptance,
        conversations: Conversations,
        meter: Meter,
        limits: Limits,
        clock: Clock,
        owner: str,
        retention_seconds: float | None,
        most_background: int,
        background_tries: int,
        observe: Observer,
    ) -> None:
        self._store = store
        self._acceptance = acceptance
        self._conversations = conversations
        self._limits = limits
        self._owner = owner
        self._observe = observe
        self._distant: WeakSet[StoredReader] = WeakSet()
        """Who may be waiting for what another server does."""
        self._keeping = Keeping(store, clock, retention_seconds)
        self._live = Live(
            store=store,
            owner=owner,
            conversations=conversations,
            meter=meter,
            clock=clock,
            tries=background_tries,
            observe=observe,
        )
        self.background = Background(
            store=store,
            live=self._live,
            acceptance=acceptance,
            keeping=self._keeping,
            limits=limits,
            clock=clock,
            owner=owner,
            most=most_background,
            observe=observe,
        )
        self._elsewhere = Elsewhere(store)
        self.oversight = Oversight(store, owner, self._live)
        self.strays = Strays(store, owner, self._live, self.background, clock, observe)

    async def check(self, project: str, request: wire.CreateInteraction) -> tuple[Note, ...]:
        """What would come to nothing. Raises Failure for what could not be accepted now; nothing is started."""
        return (await self._acceptance.accept(project, request, incremental=True)).notes.now()

    async def start(self, caller: Caller, request: wire.CreateInteraction, *, incremental: bool) -> Started:
        """Accept an interaction and begin it; `incremental` when somebody watches the answer grow.

        Raises Failure, with nothing kept, for what cannot be accepted.
        """
        async with self._live.grace.starting():
            admission = await self._limits.admit(caller)
            try:
                accepted = await self._acceptance.accept(caller.project, request, incremental=incremental)
                if request.store is not False:
                    await self._keeping.keep(caller, request, accepted.task.accepted, self._owner)
            except BaseException:
                admission.end()
                raise
            run = self._live.begin(Beginning(caller=caller, request=request, accepted=accepted, admission=admission))
        if notes := accepted.notes.now():
            self._observe(HintsTaken(caller.project, run.id, written(notes)))
        return Started(run, accepted.notes.now)

    async def enqueue(self, caller: Caller, request: wire.CreateInteraction, id: str | None = None) -> Enqueued:
        """Accept an interaction that goes on whatever becomes of its client and of this server; as it is then.

        `id` is the one that it must have, if any. Raises Failure, with nothing kept, for what cannot be accepted.
        """
        async with self._live.grace.starting():
            return await self.background.enqueue(caller, request, id)

    async def resource(self, project: str, id: str, *, include_input: bool = False) -> bytes:
        """The Interaction as JSON, as of now; with its input, as it was sent and as the steps that it begins with."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        resource = run.resource() if run else await self._elsewhere.resource(stored)
        if not include_input or not stored.input:  # an answer that goes on has no input of its own
            return resource
        made, sent = _interaction.decode(resource), msgspec.Raw(stored.input)
        return _encode(msgspec.structs.replace(made, input=sent, steps=(*input_steps(sent), *made.steps)))

    async def follow(self, project: str, id: str, last_event_id: str | None) -> Following:
        """The events behind a cursor, and those still to come."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        if run is None:
            return Following(await self._read(stored, last_event_id))
        after = sequence_of(id, last_event_id)
        if after > len(run):
            raise foreign_cursor(id, last_event_id or "")
        return Following(run.follow(after), run)

    async def cancel(self, project: str, id: str) -> bytes:
        """Stop a run in progress, wherever it is, or one that waits; the Interaction as JSON."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        if run is not None:
            run.stop(statuses.CANCELLED)
            await run.ended()
        if run is None or run.handed_over:
            if stored.status in statuses.NOT_ENDED:
                await self._cancel_elsewhere(stored, PATIENCE_SECONDS)
            stored, run = await self._stored(project, id), None
        status, resource = (run.interaction().status, run.resource()) if run else (stored.status, stored.resource)
        if status in statuses.NOT_ENDED:
            raise Failure(
                "unavailable",
                f"Interaction {shown(id)} will be cancelled, which is noted, but the server that answers it has not "
                "done so yet. Ask again in a moment.",
            )
        if status != statuses.CANCELLED:
            raise invalid(f"Interaction {shown(id)} is {status}: only an interaction in progress can be cancelled.")
        return resource

    async def delete(self, project: str, id: str) -> None:
        """Remove an interaction; one in progress is cancelled first, wherever it is."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        if run is not None:
            run.stop(statuses.CANCELLED)
            await run.ended()
        elif stored.status in statuses.NOT_ENDED:
            await self._cancel_elsewhere(stored, DELETION_SECONDS)
        await self._erase(project, id)

    async def discard(self, run: Run) -> None:
        """Keep nothing of a run whose client is told of its failure only, and so can never ask for it."""
        if run.stored and run.is_ours():
            await self._erase(run.project, run.id)

    def forget(self) -> None:
        """Drop what is held of past conversations, because some of it is being deleted."""
        self._conversations.clear()

    async def settle(self) -> None:
        """Try again to keep the ends that could not be kept. Raises Failure when it still cannot be done."""
        await self._live.settle()

    async def close(self, grace_seconds: float) -> None:
        """Take no more, hand over what runs in the background, and wait for the rest.

        Those who follow what runs elsewhere are let go at once: they go on on another server. What is left after the
        grace period ends as failed.
        """
        await self.background.hand_over()
        for reader in self._distant:
            reader.leave()
        await self._live.close(grace_seconds)

    async def _read(self, stored: StoredInteraction, last_event_id: str | None) -> StoredReader:
        async with self._live.grace.starting():
            reader = await StoredReader.open(self._store, stored, last_event_id)
            self._distant.add(reader)
            return reader

    async def _cancel_elsewhere(self, stored: StoredInteraction, seconds: float) -> None:
        if not await self.background.cancel(stored.project, stored.id):
            await self._elsewhere.cancel(stored, seconds)

    async def _erase(self, project: str, id: str) -> None:
        await self._store.delete(project, id)
        if (run := self._live.get(id)) is not None:
            self._live.drop(run)
            run.erased()
        self._conversations.clear()  # what is held, and what others are reading just now

    async def _stored(self, project: str, id: str) -> StoredInteraction:
        stored = await self._store.get(project, id)
        if stored is None:
            raise not_found(f"Interaction {shown(id)} was not found.")
        return stored
