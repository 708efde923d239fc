"""`Runs`: everything that can be done with an interaction, for one server process."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.engine.admission import SERVED_TIER, admit
from interplay.engine.history import history
from interplay.engine.run import Task
from interplay.engine.signature import Signatures
from interplay.errors import Failure, invalid, not_found
from interplay.models.base import ModelRequest
from interplay.models.catalogue import Catalogue
from interplay.observe import Observer, RunEnded, RunStarted
from interplay.runs.conversations import Conversations
from interplay.runs.reading import EventReader, StoredReader, foreign_cursor, sequence_of
from interplay.runs.recorder import Recorder
from interplay.runs.run import Run
from interplay.store.base import NewInteraction, Store, StoredInteraction
from interplay.wire.decode import input_steps

_encode = msgspec.json.Encoder().encode
_interaction = msgspec.json.Decoder(wire.Interaction)

IN_PROGRESS = "in_progress"


class Runs:
    """Starts runs and keeps them; answers for those that ended from the store."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        signatures: Signatures,
        clock: Clock,
        new_id: Callable[[], str],
        owner: str,
        retention_seconds: float | None,
        observe: Observer,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._signatures = signatures
        self._clock = clock
        self._new_id = new_id
        self._owner = owner
        self._retention = retention_seconds
        self._observe = observe
        self._recorder = Recorder(store, self._storage_failed)
        self._conversations = Conversations()
        self._live: dict[str, Run] = {}
        self._closed = False

    async def start(self, project: str, request: wire.CreateInteraction, *, incremental: bool) -> Run:
        """Accept an interaction and begin it; `incremental` when somebody watches the answer grow.

        Raises Failure, with nothing kept, for what cannot be accepted.
        """
        if self._closed:
            raise Failure("unavailable", "The server is shutting down. Send the request again in a moment.")
        admit(request)
        asked = self._input(project, request)
        served = await self._catalogue.resolve(request.model or "")
        steps = (*await self._past(project, request.previous_interaction_id), *asked)
        model_request = ModelRequest(
            model=served.model,
            steps=steps,
            system_instruction=request.system_instruction,
            generation_config=request.generation_config or wire.GenerationConfig(),
            incremental=incremental or bool(request.background),
        )
        served.backend.check(model_request)
        accepted = self._accepted(request)
        if request.store is not False:
            await self._keep(project, request, accepted)
        task = Task(
            accepted=accepted,
            backend=served.backend,
            request=model_request,
            sign=lambda thought: self._signatures.sign(project, thought),
            clock=self._clock,
        )
        return self._begin(project, request, task)

    def following(self, run: Run) -> "Following":
        """All events of a run that was just started."""
        return Following(run.follow(0), run)

    async def resource(self, project: str, id: str, *, include_input: bool = False) -> bytes:
        """The Interaction as JSON, as of now."""
        stored = await self._stored(project, id)
        run = self._live.get(id)
        resource = run.resource() if run else stored.resource
        if not include_input:
            return resource
        return _encode(msgspec.structs.replace(_interaction.decode(resource), input=msgspec.Raw(stored.input)))

    async def follow(self, project: str, id: str, last_event_id: str | None) -> "Following":
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
            run.stop("cancelled")
            await run.ended()
            return run.resource()
        if stored.status != "cancelled":
            raise invalid(f"Interaction '{id}' is {stored.status}: only an interaction in progress can be cancelled.")
        return stored.resource

    async def delete(self, project: str, id: str) -> None:
        """Remove an interaction; one in progress is cancelled first."""
        await self._stored(project, id)
        run = self._live.get(id)
        if run is not None:
            run.stop("cancelled")
            await run.ended()
        self._conversations.clear()
        await self._store.delete(project, id)

    def forget(self) -> None:
        """Drop what is held of past conversations, because some of it was deleted."""
        self._conversations.clear()

    async def close(self, grace_seconds: float) -> None:
        """Take no more, wait for what runs, and end what is left after the grace period as failed."""
        self._closed = True
        running = [asyncio.ensure_future(run.ended()) for run in self._live.values()]
        if running:
            await asyncio.wait(running, timeout=grace_seconds)
        for run in list(self._live.values()):
            run.stop("failed", Failure("unavailable", "The server was shut down before the answer was finished."))
        if running:
            await asyncio.wait(running)
        await self._recorder.flush()

    # Starting

    def _input(self, project: str, request: wire.CreateInteraction) -> tuple[wire.Step, ...]:
        steps = input_steps(request.input)
        if not steps:
            raise invalid("'input' is empty: expected a string, content, or steps for the model to answer.")
        for index, step in enumerate(steps):
            if isinstance(step, wire.ThoughtStep) and step.signature:
                self._signatures.thought(project, step.signature, f"input[{index}].signature")
        return steps

    async def _past(self, project: str, previous_id: str | None) -> Sequence[wire.Step]:
        if previous_id is None:
            return ()
        previous = await self._store.get(project, previous_id)
        if previous is None:
            raise not_found(
                f"'previous_interaction_id' {previous_id[:80]!r} names no interaction of this project. Expected the id "
                "of an interaction that was stored and not deleted since."
            )
        if previous.status in (IN_PROGRESS, "failed"):
            raise invalid(
                f"'previous_interaction_id' {previous_id!r} is {previous.status}: expected an interaction that has "
                "ended and has not failed. Go on from the last good one."
            )
        known = self._conversations.get(project, previous_id)
        if known is not None:
            return known
        turns = await self._store.history(project, previous_id)
        steps = tuple(history((turn.input, turn.resource) for turn in turns))
        self._conversations.put(project, previous_id, steps)
        return steps

    def _accepted(self, request: wire.CreateInteraction) -> wire.Interaction:
        now = timestamp(self._clock())
        return wire.Interaction(
            id=self._new_id(),
            status=IN_PROGRESS,
            created=now,
            updated=now,
            service_tier=SERVED_TIER,
            steps=(),
            model=request.model,
            previous_interaction_id=request.previous_interaction_id,
            system_instruction=request.system_instruction,
            generation_config=request.generation_config,
            response_format=request.response_format,
            labels=request.labels,
        )

    async def _keep(self, project: str, request: wire.CreateInteraction, accepted: wire.Interaction) -> None:
        created = self._clock()
        await self._store.insert(
            NewInteraction(
                project=project,
                id=accepted.id,
                previous_id=request.previous_interaction_id,
                status=accepted.status,
                model=accepted.model or "",
                created=created,
                expires=created + self._retention if self._retention is not None else None,
                owner=self._owner,
                input=bytes(request.input),
                resource=_encode(accepted),
            )
        )

    def _begin(self, project: str, request: wire.CreateInteraction, task: Task) -> Run:
        stored = request.store is not False
        started = self._clock()
        run = Run(
            project=project,
            task=task,
            stored=stored,
            foreground=not request.background,
            store=self._store,
            recorder=self._recorder,
            observe=self._observe,
            on_end=lambda run: self._ended(run, task, started),
        )
        self._live[run.id] = run
        self._observe(RunStarted(project, run.id, run.model))
        run.start()
        return run

    # Ending

    def _ended(self, run: Run, task: Task, started: float) -> None:
        del self._live[run.id]
        interaction = run.interaction()
        if run.stored and interaction.status not in (IN_PROGRESS, "failed"):
            self._conversations.put(run.project, run.id, (*task.request.steps, *interaction.steps))
        usage = interaction.usage or wire.Usage()
        self._observe(
            RunEnded(
                project=run.project,
                interaction=run.id,
                model=run.model,
                status=interaction.status,
                seconds=self._clock() - started,
                input_tokens=usage.total_input_tokens or 0,
                output_tokens=(usage.total_output_tokens or 0) + (usage.total_thought_tokens or 0),
                failure=run.failure_code(),
            )
        )

    def _storage_failed(self, id: str, failure: Failure) -> None:
        run = self._live.get(id)
        if run is not None:
            run.storage_failed(failure)

    # Reading

    async def _stored(self, project: str, id: str) -> StoredInteraction:
        stored = await self._store.get(project, id)
        if stored is None:
            raise not_found(f"Interaction '{id[:80]}' was not found.")
        return stored


class Following:
    """A reader of a log who counts as a follower of its run while it runs."""

    def __init__(self, reader: EventReader, run: Run | None = None) -> None:
        self.reader = reader
        self._run = run
        if run is not None:
            run.join()

    def leave(self) -> None:
        """Stop following."""
        self.reader.leave()
        if self._run is not None:
            self._run.leave()
            self._run = None
