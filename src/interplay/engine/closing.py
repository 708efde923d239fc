"""How a run ends: the last events of a log, whatever has happened before.

    reason                     open step   error event   status
    the model was done         stopped     -             completed
    the token limit was met    stopped     -             incomplete
    something failed           stopped     yes           failed
    somebody cancelled it      stopped     -             cancelled

The engine closes a run that went on to its own end; `interplay.runs` closes one that was cancelled or that a crash
cut off, from the fold of its log. Either way the last event is `interaction.completed`, exactly once.
"""

from collections.abc import Iterator

from interplay import wire
from interplay.errors import Failure


def closing(
    summary: wire.InteractionSseEventInteraction, open_step: int | None, failure: Failure | None = None
) -> Iterator[wire.Event]:
    """The events that end a log; `summary` is what the terminal event shall say."""
    if open_step is not None:
        yield wire.StepStop(index=open_step)
    if failure is not None:
        yield wire.ErrorEvent(error=wire.Error(code=failure.code, message=failure.message))
    yield wire.InteractionCompletedEvent(interaction=summary)
