"""The engine: one accepted interaction becomes its events.

It asks the model, and says what happens in the order of the contract: created, status_update, the steps, and
`interaction.completed` last. It holds no state that its events do not carry, knows nothing of storage or of who is
listening, and is stopped by closing the generator.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import msgspec

from interplay import clock as clocks
from interplay import wire
from interplay.engine.again import Begun, Prefix, measured, prefix
from interplay.engine.closing import closing
from interplay.engine.continuation import Hop
from interplay.engine.demands import Demands
from interplay.engine.status import COMPLETED, FAILED, IN_PROGRESS, INCOMPLETE, REQUIRES_CONTINUATION
from interplay.engine.turn import ModelTurn
from interplay.engine.usage import usage
from interplay.errors import Failure, shown
from interplay.models.base import Backend, Counts, Failed, ModelRequest, Piece, Stop


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


class ToBeAskedAgain(Exception):
    """The model failed in a way that may pass: nothing was ended, and a new attempt can go on from what was shown."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def never(_: Failure) -> bool:
    """For those who do not ask again."""
    return False


async def run(
    task: Task, begun: Begun | None = None, bears: Callable[[Failure], bool] = never
) -> AsyncGenerator[list[wire.Event], None]:
    """All events of one interaction, as many at a time as arrive together; behind what earlier attempts have shown.

    For a failure that the caller `bears` it raises ToBeAskedAgain, instead of ending the interaction as failed.
    """
    status = begun.over() if begun else None
    if begun is not None and status is not None:
        shown = await measured(begun.shown(), task.request, task.backend)
        cut = status == COMPLETED and shown.spent(task.request)
        yield list(closing(_last(task, INCOMPLETE if cut else status, shown.counts()), begun.open_step))
        return
    so_far = await prefix(begun, task.request, task.backend)
    turn = _turn(task, begun, so_far)
    yield _first(task, begun, so_far)
    spent = so_far.spent(task.request)
    async with aclosing(_spent(so_far) if spent else task.backend.generate(so_far.before(task.request))) as batches:
        async for batch in batches:
            failed = batch[-1] if isinstance(batch[-1], Failed) else None
            yield turn.take(batch if failed is None else batch[:-1])
            if failed is not None and turn.failure is None:
                if bears(failed.failure):
                    raise ToBeAskedAgain(failed.failure)
                yield turn.take([failed])
            if turn.failure is not None:
                break
    yield _end(task, turn, so_far)


async def _spent(so_far: Prefix) -> AsyncGenerator[Sequence[Piece], None]:
    """What is said by a model whose limit was met before it began again."""
    yield Counts(so_far.prompt, 0), Stop("length")


def _turn(task: Task, begun: Begun | None, so_far: Prefix) -> ModelTurn:
    turn = ModelTurn(
        first_index=begun.started if begun else 0,
        sign=task.sign,
        new_call_id=task.new_call_id,
        summaries=task.summaries,
        demands=Demands(task.request),
    )
    if begun is not None and begun.open_step is not None and so_far.text:
        turn.go_on(begun.open_step, so_far.text)
    return turn


def _first(task: Task, begun: Begun | None, so_far: Prefix) -> list[wire.Event]:
    """The events before the model is asked; none where it goes on in the middle."""
    if begun is None:
        created = wire.InteractionCreatedEvent(interaction=summary(task.accepted, status=IN_PROGRESS))
        return [created, wire.InteractionStatusUpdate(interaction_id=task.accepted.id, status=IN_PROGRESS)]
    return [] if so_far.text else begun.closing()


def _end(task: Task, turn: ModelTurn, so_far: Prefix) -> list[wire.Event]:
    failure = turn.failure
    if failure is None and turn.status is None:
        failure = Failure("bad_gateway", f"The model behind {shown(task.accepted.model)} ended without saying why.")
    counts = so_far.counted(turn.counts)
    token = task.hop.token(counts, "".join(turn.text)) if task.hop and turn.status == INCOMPLETE else None
    status = REQUIRES_CONTINUATION if token else turn.status
    last = _last(task, FAILED if failure else status or FAILED, counts)
    if failure is None and token is not None:
        last = msgspec.structs.replace(last, continuation_token=token)
    return list(closing(last, turn.open_step, failure))


def _last(task: Task, status: str, counts: Counts | None) -> wire.InteractionSseEventInteraction:
    now = clocks.timestamp(task.clock())
    return summary(task.accepted, status=status, usage=usage(counts), updated=now)


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
