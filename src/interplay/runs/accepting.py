"""From a request to a task for the engine: everything that can be refused, refused before anything is kept."""

import asyncio
from collections.abc import Callable

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.engine import status as statuses
from interplay.engine.admission import SERVED_TIER, admit
from interplay.engine.formats import answer_schema
from interplay.engine.functions import Offer, offer
from interplay.engine.history import history
from interplay.engine.results import check_results
from interplay.engine.run import Task
from interplay.engine.signature import Signatures
from interplay.errors import invalid, not_found
from interplay.models.base import ModelRequest
from interplay.models.catalogue import Catalogue
from interplay.runs.conversations import Conversation, Conversations
from interplay.schemas import Schema
from interplay.store.base import Store
from interplay.wire.decode import input_steps


class Accepted(msgspec.Struct, frozen=True):
    """A request that can be run."""

    task: Task
    past: Conversation
    """The conversation that it goes on from."""
    entry: str
    """The catalogue's entry that serves it."""


class Acceptance:
    """What it takes to accept a request."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        signatures: Signatures,
        conversations: Conversations,
        clock: Clock,
        new_id: Callable[[], str],
        new_call_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._signatures = signatures
        self._conversations = conversations
        self._clock = clock
        self._new_id = new_id
        self._new_call_id = new_call_id

    async def accept(self, project: str, request: wire.CreateInteraction, *, incremental: bool) -> Accepted:
        """The task that a request is. Raises Failure for what cannot be done."""
        admit(request)
        asked = self._input(project, request)
        offered, answer = await _compiled(request)
        served = await self._catalogue.resolve(request.model or "")
        past = await self._past(project, request.previous_interaction_id)
        check_results(past.steps, asked)
        model_request = ModelRequest(
            model=served.model,
            steps=(*past.steps, *asked),
            system_instruction=request.system_instruction,
            generation_config=request.generation_config or wire.GenerationConfig(),
            functions=offered.functions,
            must_call=offered.must_call,
            answer=answer,
            incremental=incremental,
        )
        served.backend.check(model_request)
        task = Task(
            accepted=self._interaction(request),
            backend=served.backend,
            request=model_request,
            sign=lambda thought: self._signatures.sign(project, thought),
            new_call_id=self._new_call_id,
            clock=self._clock,
        )
        return Accepted(task, past, served.entry)

    def _input(self, project: str, request: wire.CreateInteraction) -> tuple[wire.Step, ...]:
        steps = input_steps(request.input)
        if not steps:
            raise invalid("'input' is empty: expected a string, content, or steps for the model to answer.")
        for index, step in enumerate(steps):
            if isinstance(step, wire.ThoughtStep) and step.signature:
                self._signatures.thought(project, step.signature, f"input[{index}].signature")
        return steps

    async def _past(self, project: str, previous_id: str | None) -> Conversation:
        if previous_id is None:
            return Conversation(generation=self._conversations.generation)
        await self._check_previous(project, previous_id)
        known = self._conversations.get(project, previous_id)
        return known or await self._load(project, previous_id)

    async def _check_previous(self, project: str, previous_id: str) -> None:
        previous = await self._store.get(project, previous_id)
        if previous is None:
            raise not_found(
                f"'previous_interaction_id' {previous_id[:80]!r} names no interaction of this project. Expected the id "
                "of an interaction that was stored and not deleted since."
            )
        if previous.status not in statuses.CAN_GO_ON:
            raise invalid(
                f"'previous_interaction_id' {previous_id!r} is {previous.status}: expected an interaction that has "
                "ended and has not failed. Go on from the last good one."
            )

    async def _load(self, project: str, previous_id: str) -> Conversation:
        generation = self._conversations.generation
        turns = await self._store.history(project, previous_id)
        steps = tuple(history((turn.input, turn.resource) for turn in turns))
        size = sum(len(turn.input) + len(turn.resource) for turn in turns)
        conversation = Conversation(steps, size, generation)
        self._conversations.put(project, previous_id, conversation)
        return conversation

    def _interaction(self, request: wire.CreateInteraction) -> wire.Interaction:
        now = timestamp(self._clock())
        return wire.Interaction(
            id=self._new_id(),
            status=statuses.IN_PROGRESS,
            created=now,
            updated=now,
            service_tier=SERVED_TIER,
            steps=(),
            model=request.model,
            previous_interaction_id=request.previous_interaction_id,
            system_instruction=request.system_instruction,
            tools=request.tools,
            generation_config=request.generation_config,
            response_format=request.response_format,
            response_mime_type=request.response_mime_type,
            labels=request.labels,
        )


async def _compiled(request: wire.CreateInteraction) -> tuple[Offer, Schema | None]:
    """What may be called, and what the text must be. A large schema takes long to compile: the loop goes on."""
    if not request.tools and not request.response_format and not request.response_mime_type:
        return offer(request), None
    return await asyncio.to_thread(lambda: (offer(request), answer_schema(request)))
