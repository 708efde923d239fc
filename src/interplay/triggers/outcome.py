"""From an interaction that has ended to the end of its execution.

completed, requires_action, incomplete, ...   completed: the model answered, and the interaction says how far
failed                                        failed, with the interaction's error
cancelled once its time was up                timed_out
cancelled before, deleted                     failed
"""

from datetime import datetime

import msgspec

from interplay import wire
from interplay.engine import status as statuses
from interplay.store.triggers import Running, Settlement

_interaction = msgspec.json.Decoder(wire.Interaction)


def outcome(running: Running, now: float) -> Settlement | None:
    """How an execution ended; None while its interaction is in progress."""
    if running.status is None:
        return _failed(running, now, "The interaction was deleted before it had ended.")
    if running.resource is None:
        return None
    interaction = _interaction.decode(running.resource)
    ended = datetime.fromisoformat(interaction.updated).timestamp()
    match interaction.status:
        case statuses.FAILED:
            return _failed(running, ended, _why(interaction))
        case statuses.CANCELLED if ended >= int(deadline(running)):
            error = f"The execution was stopped after {running.execution.timeout} seconds."
            return Settlement(execution=running.execution, status="timed_out", failed=True, at=ended, error=error)
        case statuses.CANCELLED:
            return _failed(running, ended, "The interaction was cancelled.")
        case _:
            return Settlement(execution=running.execution, status="completed", failed=False, at=ended)


def deadline(running: Running) -> float:
    """When its time is up."""
    return (running.execution.started or running.execution.created) + running.execution.timeout


def _failed(running: Running, at: float, error: str) -> Settlement:
    return Settlement(execution=running.execution, status="failed", failed=True, at=at, error=error)


def _why(interaction: wire.Interaction) -> str:
    messages = [error.message for error in interaction.errors or () if error.message]
    return messages[-1] if messages else "The interaction failed."
