"""From a request to a task for the engine: everything that can be refused, refused before anything is kept."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.engine import status as statuses
from interplay.engine.admission import admit, served_tier
from interplay.engine.compiling import Compiling
from interplay.engine.continuation import Continuation, Continuations
from interplay.engine.formats import answer_schema
from interplay.engine.functions import Offer, offer
from interplay.engine.repeats import fresh
from interplay.engine.results import check_results
from interplay.engine.run import Task
from interplay.engine.seal import NotOurs, Seal
from interplay.errors import invalid, shown
from interplay.models.base import ModelRequest
from interplay.models.catalogue import Catalogue, Served
from interplay.notes import Note
from interplay.runs.conversations import Conversation
from interplay.runs.past import Past
from interplay.schemas import Schema
from interplay.wire.decode_input import Sent, sent_steps


class Notes(msgspec.Struct, frozen=True):
    """What was taken of a request though nothing comes of it."""

    accepted: tuple[Note, ...]
    """As it was known when the request was accepted."""
    untaken: Callable[[], tuple[Note, ...]]
    """What the model's engine is known not to take by now."""

    def now(self) -> tuple[Note, ...]:
        """All of it; more, once the model has been asked."""
        return *self.accepted, *self.untaken()


class Accepted(msgspec.Struct, frozen=True):
    """A request that can be run."""

    task: Task
    past: Conversation
    """The conversation that it goes on from."""
    entry: str
    """The catalogue's entry that serves it."""
    notes: Notes
    """What was taken of it though nothing comes of it."""


class Asked(msgspec.Struct, frozen=True):
    """A request, read: what it says by itself."""

    request: wire.CreateInteraction
    begun: Continuation | None
    """The answer that goes on."""
    sent: tuple[Sent, ...]
    """The steps of its input."""
    offered: Offer
    answer: Schema | None
    """What the text must be."""
    notes: tuple[Note, ...]

    def previous(self) -> str | None:
        """The interaction whose conversation goes on; of an answer that is not stored, its token knows it too."""
        asked_for = self.request.previous_interaction_id
        return self.begun.previous if asked_for is None and self.begun else asked_for

    def new_to(self, past: Sequence[wire.Step]) -> tuple[wire.Step, ...]:
        """What it adds to the conversation. Raises Failure for what does not belong into it."""
        new = fresh(past, self.sent)
        if self.sent and not new:
            raise invalid("'input' has nothing new: expected more than the steps that this conversation has already.")
        check_results(past, new)
        return tuple(sent.step for sent in new)

    def to_model(
        self, model: str, past: Sequence[wire.Step], recalled: Callable[[str], str], *, incremental: bool
    ) -> ModelRequest:
        """What the model is shown. Raises Failure for what does not belong into the conversation."""
        new = self.new_to(past)
        return ModelRequest(
            model=model,
            steps=self.begun.said_after(past, new) if self.begun else (*past, *new),
            system_instruction=self.request.system_instruction,
            generation_config=self.request.generation_config or wire.GenerationConfig(),
            functions=self.offered.functions,
            must_call=self.offered.must_call,
            answer=self.answer,
            continues=self.begun is not None,
            recalled=recalled,
            patient=bool(self.request.background),
            incremental=incremental,
        )


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
        check_webhooks: Callable[[wire.WebhookConfig], None],
    ) -> None:
        self._past = past
        self._catalogue = catalogue
        self._thoughts = thoughts
        self._continuations = continuations
        self._clock = clock
        self._new_id = new_id
        self._new_call_id = new_call_id
        self._check_webhooks = check_webhooks

    async def accept(
        self,
        project: str,
        request: wire.CreateInteraction,
        *,
        incremental: bool,
        before: wire.Interaction | None = None,
        id: str | None = None,
    ) -> Accepted:
        """The task that a request is; `before` is the Interaction that it was accepted as by an earlier attempt.

        `id` is the one that it must have, if any. Raises Failure for what cannot be done.
        """
        asked = await self._read(project, request)
        if before is None and request.webhook_config is not None:  # what was accepted once is judged when it is used
            self._check_webhooks(request.webhook_config)
        served = await self._catalogue.resolve(request.model or "")
        past = await self._past.conversation(project, asked.previous())
        recalled = partial(self._recalled, project)
        shown = asked.to_model(served.model, past.steps, recalled, incremental=incremental)
        untaken = partial(served.backend.untaken, served.model, shown.generation_config)
        notes = Notes((*asked.notes, *served.backend.check(shown)), untaken)
        accepted = before or self._interaction(request, id or self._new_id())
        return Accepted(self._task(project, asked, served, shown, accepted), past, served.entry, notes)

    async def _read(self, project: str, request: wire.CreateInteraction) -> Asked:
        notes = admit(request)
        begun = self._continuations.read(project, request)
        sent = self._input(project, request, begun)
        schemas = Compiling()
        return Asked(request, begun, sent, await offer(request, schemas), await answer_schema(request, schemas), notes)

    def _input(self, project: str, request: wire.CreateInteraction, begun: Continuation | None) -> tuple[Sent, ...]:
        sent = sent_steps(request.input)
        if not sent and begun is None:
            raise invalid("'input' is empty: expected a string, content, or steps for the model to answer.")
        for each in sent:
            if isinstance(each.step, wire.ThoughtStep) and each.step.signature:
                self._check_signature(project, each.step.signature, f"{each.where}.signature")
        return sent

    def _check_signature(self, project: str, signature: str, where: str) -> None:
        try:
            self._thoughts.opened(project, signature)
        except NotOurs as error:
            raise invalid(
                f"'{where}' {shown(signature)} was not issued by this server for this project. Expected the signature "
                "of the thought step exactly as it was received, or none."
            ) from error

    def _recalled(self, project: str, signature: str) -> str:
        """What was thought; nothing where it cannot be opened, since the key of this server is another one by now."""
        try:
            return self._thoughts.opened(project, signature)
        except NotOurs:
            return ""

    def _task(
        self, project: str, asked: Asked, served: Served, shown: ModelRequest, accepted: wire.Interaction
    ) -> Task:
        hop = None
        if self._continuations.concern(asked.begun, shown):
            continues = served.backend.continues
            hop = self._continuations.hop(project, asked.request, accepted.id, asked.begun, continues=continues)
        return Task(
            accepted=accepted,
            backend=served.backend,
            request=hop.limited(shown) if hop else shown,
            sign=lambda thought: self._thoughts.sealed(project, thought),
            new_call_id=self._new_call_id,
            hop=hop,
            clock=self._clock,
        )

    def _interaction(self, request: wire.CreateInteraction, id: str) -> wire.Interaction:
        now = timestamp(self._clock())
        return wire.Interaction(
            id=id,
            status=statuses.IN_PROGRESS,
            created=now,
            updated=now,
            service_tier=served_tier(request),
            steps=(),
            model=request.model,
            previous_interaction_id=request.previous_interaction_id,
            system_instruction=request.system_instruction,
            tools=request.tools,
            generation_config=request.generation_config,
            response_format=request.response_format,
            response_mime_type=request.response_mime_type,
            labels=request.labels,
            webhook_config=request.webhook_config,
        )
