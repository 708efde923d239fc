"""`Runs`: everything that can be done with an interaction, for one server process."""

from functools import partial

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.clock import Clock
from interplay.engine import status as statuses
from interplay.errors import Failure, invalid, not_found, shown
from interplay.observe import Observer, RunEnded, RunStarted
from interplay.runs.accepting import Acceptance, Accepted
from interplay.runs.conversations import Conversation, Conversations
from interplay.runs.ending import used
from interplay.runs.following import Following
from interplay.runs.grace import Grace
from interplay.runs.limits import Admission, Limits
from interplay.runs.metering import Meter
from interplay.runs.reading import StoredReader, foreign_cursor, sequence_of
from interplay.runs.recorder import Recorder
from interplay.runs.run import Place, Run
from interplay.store.base import NewInteraction, Store, StoredInteraction

_encode = msgspec.json.Encoder().encode
_interaction = msgspec.json.Decoder(wire.Interaction)


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
        observe: Observer,
    ) -> None:
        self._store = store
        self._acceptance = acceptance
        self._conversations = conversations
        self._meter = meter
        self._limits = limits
        self._clock = clock
        self._owner = owner
        self._retention = retention_seconds
        self._observe = observe
        self._recorder = Recorder(store, owner, self._storage_failed, observe)
        self._live: dict[str, Run] = {}
        """Runs in progress, and those whose end the store does not know yet."""
        self._grace = Grace()

    async def start(self, caller: Caller, request: wire.CreateInteraction, *, incremental: bool) -> Run:
        """Accept an interaction and begin it; `incremental` when somebody watches the answer grow.

        Raises Failure, with nothing kept, for what cannot be accepted.
        """
        incremental = incremental or bool(request.background)
        async with self._grace.starting():
            admission = await self._limits.admit(caller, background=bool(request.background))
            try:
                accepted = await self._acceptance.accept(caller.project, request, incremental=incremental)
                if request.store is not False:
                    await self._keep(caller, request, accepted.task.accepted)
            except BaseException:
                admission.end()
                raise
            return self._begin(caller, request, accepted, admission)

    async def resource(self, project: str, id: str, *, include_input: bool = False) -> bytes:
        """The Interaction as JSON, as of now."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        resource = run.resource() if run else stored.resource
        if not include_input or not stored.input:  # an answer that goes on has no input of its own
            return resource
        return _encode(msgspec.structs.replace(_interaction.decode(resource), input=msgspec.Raw(stored.input)))

    async def follow(self, project: str, id: str, last_event_id: str | None) -> Following:
        """The events behind a cursor, and those still to come."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        if run is None:
            return Following(await StoredReader.open(self._store, stored, last_event_id))
        after = sequence_of(id, last_event_id)
        if after > len(run):
            raise foreign_cursor(id, last_event_id or "")
        return Following(run.follow(after), run)

    async def cancel(self, project: str, id: str) -> bytes:
        """Stop a run in progress; the Interaction as JSON."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        if run is not None:
            run.stop(statuses.CANCELLED)
            await run.ended()
        status, resource = (run.interaction().status, run.resource()) if run else (stored.status, stored.resource)
        if run is None and status == statuses.IN_PROGRESS:
            raise invalid(f"Interaction {shown(id)} runs on another server: cancel it there, or delete it here.")
        if status != statuses.CANCELLED:
            raise invalid(f"Interaction {shown(id)} is {status}: only an interaction in progress can be cancelled.")
        return resource

    async def delete(self, project: str, id: str) -> None:
        """Remove an interaction; one in progress is cancelled first."""
        await self._stored(project, id)
        run = self._live.get(id)
        if run is not None:
            run.stop(statuses.CANCELLED)
            await run.ended()
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
        for run in [run for run in self._live.values() if run.has_ended() and not run.settled]:
            await run.settle()
            self._live.pop(run.id, None)

    async def close(self, grace_seconds: float) -> None:
        """Take no more, wait for what runs, and end what is left after the grace period as failed."""
        await self._grace.close(grace_seconds, self._give_up)
        await self._recorder.flush()

    # Starting

    async def _keep(self, caller: Caller, request: wire.CreateInteraction, accepted: wire.Interaction) -> None:
        created = self._clock()
        await self._store.insert(
            NewInteraction(
                project=caller.project,
                id=accepted.id,
                previous_id=request.previous_interaction_id,
                status=accepted.status,
                model=accepted.model or "",
                created=created,
                expires=created + self._retention if self._retention is not None else None,
                owner=self._owner,
                input=bytes(request.input),
                resource=_encode(accepted),
                key=caller.key,
            )
        )

    def _begin(self, caller: Caller, request: wire.CreateInteraction, accepted: Accepted, admission: Admission) -> Run:
        ended = partial(
            self._ended, accepted=accepted, admission=admission, asked=len(request.input), started=self._clock()
        )
        run = Run(
            caller,
            accepted.task,
            Place(self._store, self._owner, self._recorder, self._meter, self._observe),
            ended,
            stored=request.store is not False,
            foreground=not request.background,
        )
        self._live[run.id] = run
        self._observe(RunStarted(run.project, run.id))
        run.start()
        if self._grace.over:
            self._give_up()
        return run

    # Ending

    def _give_up(self) -> None:
        why = Failure("unavailable", "The server was shut down before the answer was finished.")
        for run in self._live.values():
            run.stop(statuses.FAILED, why)

    def _ended(self, run: Run, accepted: Accepted, admission: Admission, asked: int, started: float) -> None:
        self._grace.ended()
        admission.end(used(run.interaction()).total)
        if run.settled:
            del self._live[run.id]
        self._recorder.forget(run.id)
        interaction = run.interaction()
        self._remember(run, interaction, accepted, asked)
        usage = interaction.usage or wire.Usage()
        self._observe(
            RunEnded(
                project=run.project,
                interaction=run.id,
                model=accepted.entry,
                status=interaction.status,
                seconds=self._clock() - started,
                input_tokens=usage.total_input_tokens or 0,
                output_tokens=(usage.total_output_tokens or 0) + (usage.total_thought_tokens or 0),
                failure=run.failure_code(),
            )
        )

    def _remember(self, run: Run, interaction: wire.Interaction, accepted: Accepted, asked: int) -> None:
        if run.stored and interaction.status in statuses.CAN_GO_ON:
            steps = (*accepted.task.request.steps, *interaction.steps)
            size = accepted.past.size + asked + len(run.resource())
            conversation = Conversation(steps, size, accepted.past.generation)
            self._conversations.put(run.project, run.id, conversation)

    def _storage_failed(self, id: str, failure: Failure) -> bool:
        run = self._live.get(id)
        if run is not None:
            run.storage_failed(failure)
        return run is not None

    async def _erase(self, project: str, id: str) -> None:
        await self._store.delete(project, id)
        if (run := self._live.pop(id, None)) is not None:
            run.erased()
        self._conversations.clear()  # what is held, and what others are reading just now

    async def _stored(self, project: str, id: str) -> StoredInteraction:
        stored = await self._store.get(project, id)
        if stored is None:
            raise not_found(f"Interaction {shown(id)} was not found.")
        return stored
