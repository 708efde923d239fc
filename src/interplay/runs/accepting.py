"""From a request to a task for the engine: everything that can be refused, refused before anything is kept."""

import asyncio
from collections.abc import Callable

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.engine import status as statuses
from interplay.engine.admission import SERVED_TIER, admit
from interplay.engine.continuation import Continuation, Continuations
from interplay.engine.formats import answer_schema
from interplay.engine.functions import Offer, offer
from interplay.engine.results import check_results
from interplay.engine.run import Task
from interplay.engine.seal import NotOurs, Seal
from interplay.errors import invalid, shown
from interplay.models.base import ModelRequest
from interplay.models.catalogue import Catalogue
from interplay.runs.conversations import Conversation
from interplay.runs.past import Past
from interplay.schemas import Schema
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
        past: Past,
        catalogue: Catalogue,
        thoughts: Seal,
        continuations: Continuations,
        clock: Clock,
        new_id: Callable[[], str],
        new_call_id: Callable[[], str],
    ) -> None:
        self._past = past
        self._catalogue = catalogue
        self._thoughts = thoughts
        self._continuations = continuations
        self._clock = clock
        self._new_id = new_id
        self._new_call_id = new_call_id

    async def accept(self, project: str, request: wire.CreateInteraction, *, incremental: bool) -> Accepted:
        """The task that a request is. Raises Failure for what cannot be done."""
        admit(request)
        begun = self._continuations.read(project, request)
        asked = self._input(project, request, begun)
        offered, answer = await _compiled(request)
        served = await self._catalogue.resolve(request.model or "")
        past = await self._past.conversation(project, _previous(request, begun))
        check_results(past.steps, asked)
        model_request = ModelRequest(
            model=served.model,
            steps=begun.said_after(past.steps, asked) if begun else (*past.steps, *asked),
            system_instruction=request.system_instruction,
            generation_config=request.generation_config or wire.GenerationConfig(),
            functions=offered.functions,
            must_call=offered.must_call,
            answer=answer,
            continues=begun is not None,
            incremental=incremental,
        )
        served.backend.check(model_request)
        accepted = self._interaction(request)
        hop = None
        if self._continuations.concern(begun, request, model_request):
            hop = self._continuations.hop(project, request, accepted.id, begun, continues=served.backend.continues)
        task = Task(
            accepted=accepted,
            backend=served.backend,
            request=hop.limited(model_request) if hop else model_request,
            sign=lambda thought: self._thoughts.sealed(project, thought),
            new_call_id=self._new_call_id,
            hop=hop,
            clock=self._clock,
        )
        return Accepted(task, past, served.entry)

    def _input(
        self, project: str, request: wire.CreateInteraction, begun: Continuation | None
    ) -> tuple[wire.Step, ...]:
        steps = input_steps(request.input)
        if not steps and begun is None:
            raise invalid("'input' is empty: expected a string, content, or steps for the model to answer.")
        for index, step in enumerate(steps):
            if isinstance(step, wire.ThoughtStep) and step.signature:
                self._check_signature(project, step.signature, f"input[{index}].signature")
        return steps

    def _check_signature(self, project: str, signature: str, where: str) -> None:
        try:
            self._thoughts.opened(project, signature)
        except NotOurs as error:
            raise invalid(
                f"'{where}' {shown(signature)} was not issued by this server for this project. Expected the signature "
                "of the thought step exactly as it was received, or none."
            ) from error

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


def _previous(request: wire.CreateInteraction, begun: Continuation | None) -> str | None:
    """The interaction whose conversation goes on; of an answer that is not stored, its token knows it too."""
    return request.previous_interaction_id or (begun.previous if begun else None)
