"""`/triggers`: interactions that are started by the clock, and what came of each.

Not here: how a body is read strictly (`decode_trigger`), or when a trigger is due (`interplay.triggers`).
"""

from typing import Annotated, Final

import msgspec

from interplay.wire.base import Count, Wire, known
from interplay.wire.request import CreateInteraction

TRIGGER_STATUSES: Final = ("active", "paused", "error")
TriggerStatus = Annotated[str, known(*TRIGGER_STATUSES)]
TriggerUpdateStatus = Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(TRIGGER_STATUSES)})]
TriggerExecutionStatus = Annotated[str, known("in_progress", "completed", "failed", "skipped", "timed_out")]


class TriggerCreateParams(Wire, frozen=True, kw_only=True):
    """What is to be done, and when."""

    interaction: CreateInteraction
    """What every execution starts, in the background."""
    schedule: str
    """A cron line of five fields."""
    time_zone: str
    """The IANA name of the zone that the schedule is read in."""
    display_name: str | None = None
    """For people."""
    environment_id: str | None = None
    """The sandbox of all executions."""
    execution_timeout_seconds: Count | None = None
    """After which an execution is stopped; 600 when absent."""
    max_consecutive_failures: Count | None = None
    """Failures in a row after which the trigger is stopped; 5 when absent."""


class TriggerUpdate(Wire, frozen=True, kw_only=True):
    """What is to change; what is absent stays."""

    display_name: str | None = None
    """Empty for none."""
    status: TriggerUpdateStatus | None = None
    """`paused` stops the clock, `active` starts it again."""


class RunTriggerRequest(Wire, frozen=True, kw_only=True):
    """Nothing."""


class Trigger(Wire, frozen=True, kw_only=True):
    """A trigger as it is. All times are ISO 8601, UTC, whole seconds."""

    id: str
    interaction: CreateInteraction
    schedule: str
    time_zone: str
    status: TriggerStatus | None = None
    """`error` after too many failures in a row."""
    display_name: str | None = None
    environment_id: str | None = None
    execution_timeout_seconds: int | None = None
    max_consecutive_failures: int | None = None
    consecutive_failure_count: int | None = None
    """Failures since the last success."""
    create_time: str | None = None
    update_time: str | None = None
    """When its status or its name changed."""
    next_run_time: str | None = None
    """There while it is active."""
    last_run_time: str | None = None
    last_pause_time: str | None = None
    last_resume_time: str | None = None
    previous_interaction_id: str | None = None
    """The last interaction that it started."""


class TriggerExecution(Wire, frozen=True, kw_only=True):
    """One run of a trigger, or why there was none. All times are ISO 8601, UTC, whole seconds."""

    id: str
    trigger_id: str
    status: TriggerExecutionStatus | None = None
    interaction_id: str | None = None
    """There once the interaction was started."""
    environment_id: str | None = None
    scheduled_time: str | None = None
    """When it was due; absent where somebody asked for it."""
    start_time: str | None = None
    end_time: str | None = None
    error: str | None = None
    """Why it failed or was skipped."""


class ListTriggersResponse(Wire, frozen=True, kw_only=True):
    """A page of triggers, the newest first."""

    triggers: tuple[Trigger, ...] | None = None
    next_page_token: str | None = None
    """Absent on the last page."""


class ListTriggerExecutionsResponse(Wire, frozen=True, kw_only=True):
    """A page of executions, the newest first."""

    trigger_executions: tuple[TriggerExecution, ...] | None = None
    next_page_token: str | None = None
    """Absent on the last page."""
