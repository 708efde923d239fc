"""Triggers and executions as the API shows them."""

import msgspec

from interplay import wire
from interplay.clock import timestamp
from interplay.store.triggers import StoredExecution, StoredTrigger

_request = msgspec.json.Decoder(wire.CreateInteraction)


def trigger(stored: StoredTrigger) -> wire.Trigger:
    """A trigger as of now."""
    return wire.Trigger(
        id=stored.id,
        interaction=_request.decode(stored.interaction),
        schedule=stored.schedule,
        time_zone=stored.time_zone,
        status=stored.status,
        display_name=stored.display_name or None,
        execution_timeout_seconds=stored.timeout,
        max_consecutive_failures=stored.most_failures,
        consecutive_failure_count=stored.failures,
        create_time=timestamp(stored.created),
        update_time=timestamp(stored.updated),
        next_run_time=_time(stored.next),
        last_run_time=_time(stored.last_run),
        last_pause_time=_time(stored.last_pause),
        last_resume_time=_time(stored.last_resume),
        previous_interaction_id=stored.last_interaction,
    )


def execution(stored: StoredExecution) -> wire.TriggerExecution:
    """An execution as of now."""
    return wire.TriggerExecution(
        id=stored.id,
        trigger_id=stored.trigger,
        status=stored.status,
        interaction_id=stored.interaction if stored.started is not None else None,
        scheduled_time=_time(stored.scheduled),
        start_time=_time(stored.started),
        end_time=_time(stored.ended),
        error=stored.error or None,
    )


def _time(moment: float | None) -> str | None:
    return None if moment is None else timestamp(moment)
