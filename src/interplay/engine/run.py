"""The engine: one accepted interaction becomes its events.

It asks the model, and says what happens in the order of the contract: created, status_update, the steps, and
`interaction.completed` last. It holds no state that its events do not carry, knows nothing of storage or of who is
listening, and is stopped by closing the generator.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from interplay import clock as clocks
from interplay import wire
from interplay.engine.closing import closing
from interplay.engine.continuation import Hop
from interplay.engine.demands import Demands
from interplay.engine.status import FAILED, IN_PROGRESS, INCOMPLETE, REQUIRES_CONTINUATION
from interplay.engine.turn import ModelTurn
from interplay.engine.usage import usage
from interplay.errors import Failure, shown
from interplay.models.base import Backend, ModelRequest


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a run needs to know."""

    accepted: wire.Interaction
    """The interaction as accepted, in progress."""
    backend: Backend
    request: ModelRequest
    sign: Callable[[str], str]
    """From a thought to its signature."""
    new_call_id: Callable[[], str]
    hop: Hop | None = None
    """How the answer is broken off at the server's own limit, if it has one."""
    clock: clocks.Clock

    @property
    def summaries(self) -> bool:
        """Whether the client asked to see summaries of the thinking."""
        config = self.request.generation_config
        return config.thinking_summaries == "auto"


async def run(task: Task) -> AsyncGenerator[wire.Event, None]:
    """All events of one interaction."""
    yield wire.InteractionCreatedEvent(interaction=summary(task.accepted))
    yield wire.InteractionStatusUpdate(interaction_id=task.accepted.id, status=IN_PROGRESS)
    turn = ModelTurn(
        first_index=0,
        sign=task.sign,
        new_call_id=task.new_call_id,
        summaries=task.summaries,
        demands=Demands(task.request),
    )
    async with aclosing(task.backend.generate(task.request)) as pieces:
        async for piece in pieces:
            for event in turn.take(piece):
                yield event
            if turn.failure is not None:
                break
    for event in _end(task, turn):
        yield event


def _end(task: Task, turn: ModelTurn) -> list[wire.Event]:
    failure = turn.failure
    if failure is None and turn.status is None:
        failure = Failure("bad_gateway", f"The model behind {shown(task.accepted.model)} ended without saying why.")
    token = task.hop.token(turn.counts, "".join(turn.text)) if task.hop and turn.status == INCOMPLETE else None
    status = REQUIRES_CONTINUATION if token else turn.status
    last = summary(
        task.accepted,
        status=FAILED if failure else status or FAILED,
        continuation_token=None if failure else token,
        usage=usage(turn.counts),
        updated=clocks.timestamp(task.clock()),
    )
    return list(closing(last, turn.open_step, failure))


def summary(interaction: wire.Interaction, **changes: object) -> wire.InteractionSseEventInteraction:
    """The short form of an interaction that opens and closes a stream: no steps."""
    short = wire.InteractionSseEventInteraction(
        id=interaction.id,
        status=interaction.status,
        created=interaction.created,
        updated=interaction.updated,
        service_tier=interaction.service_tier,
        object="interaction",
        model=interaction.model,
        agent=interaction.agent,
        usage=interaction.usage,
    )
    return msgspec.structs.replace(short, **changes) if changes else short
