"""`fold`: the only way an Interaction comes to be.

An Interaction as accepted, and the events of its log, give the Interaction as of the last of them. The unary
answer, GET, the stored row and the history of a conversation are all this fold. Any prefix of a log folds: a
step still open shows what has come so far.
"""

from collections.abc import Iterable

import msgspec

from interplay import wire
from interplay.engine.again import Begun
from interplay.engine.status import FAILED, IN_PROGRESS
from interplay.engine.unfinished import UnfinishedStep


def fold(accepted: wire.Interaction, events: Iterable[wire.Event]) -> wire.Interaction:
    """The Interaction that `accepted` has become through `events`."""
    folding = Folding(accepted)
    for event in events:
        folding.add(event)
    return folding.interaction()


class Folding:
    """A fold under way, for a log that still grows."""

    def __init__(self, accepted: wire.Interaction) -> None:
        self._interaction = accepted
        self._steps: list[UnfinishedStep] = []
        self._cut: set[int] = set()
        """Steps that were open when a new attempt began, which asked for them again."""
        self._errors: list[wire.Error] = list(accepted.errors or ())
        self.open_step: int | None = None
        """Index of the step that has started and not stopped."""
        self._asked = False
        """Whether the model was asked since the last step began."""
        self.begun = False
        """Whether any event has come."""
        self.ended = False
        """Whether the terminal event has come."""

    def add(self, event: wire.Event) -> None:
        """Take the next event of the log."""
        self.begun = True
        match event:
            case wire.StepDelta():
                self._steps[event.index].add(event.delta)
            case wire.StepStart():
                self._steps.append(UnfinishedStep(event.step))
                self.open_step, self._asked = event.index, False
            case wire.StepStop():
                self.open_step = None
            case wire.InteractionCreatedEvent():
                self._set(status=event.interaction.status)
            case wire.InteractionStatusUpdate():
                self._asked = self._asked or event.status == IN_PROGRESS
                if self.open_step is not None and event.status == IN_PROGRESS:
                    self._cut.add(self.open_step)
                self._set(status=event.status)
            case wire.ErrorEvent():
                self._fail(event.error)
            case wire.InteractionCompletedEvent():
                self._end(event.interaction)

    def interaction(self) -> wire.Interaction:
        """The Interaction as of the last event."""
        return msgspec.structs.replace(
            self._interaction,
            steps=tuple(step.step() for index, step in enumerate(self._steps) if index not in self._cut),
            errors=tuple(self._errors) or None,
        )

    def interaction_after(self, terminal: wire.Event) -> wire.Interaction:
        """The Interaction as it will be once the terminal event is added."""
        changes = _ending(terminal.interaction) if isinstance(terminal, wire.InteractionCompletedEvent) else {}
        return msgspec.structs.replace(self.interaction(), **changes)

    def attempt(self) -> Begun | None:
        """What a new attempt goes on from; None where there is nothing yet."""
        if not self.begun:
            return None
        started = len(self._steps)
        return Begun(interaction=self.interaction(), started=started, open_step=self.open_step, asked=self._asked)

    def has_output(self) -> bool:
        """Whether any step has begun."""
        return bool(self._steps)

    def _fail(self, error: wire.Error | None) -> None:
        self._set(status=FAILED)
        self._errors.append(error or wire.Error(code="internal", message="The run failed without a reason."))

    def _end(self, last: wire.InteractionSseEventInteraction) -> None:
        self.ended = True
        self._set(**_ending(last))

    def _set(self, **changes: object) -> None:
        self._interaction = msgspec.structs.replace(self._interaction, **changes)


def _ending(last: wire.InteractionSseEventInteraction) -> dict[str, object]:
    """What the terminal event settles; what it does not say stays as it was."""
    told = {
        "status": last.status,
        "usage": last.usage,
        "updated": last.updated,
        "service_tier": last.service_tier,
        "continuation_token": last.continuation_token,
    }
    return {name: value for name, value in told.items() if value is not None}
