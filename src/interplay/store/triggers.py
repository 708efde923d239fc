"""Triggers, which are to be started when, and every execution of them: what the store keeps, as values."""

from typing import Final, Literal

import msgspec

IN_PROGRESS: Final = "in_progress"
ACTIVE: Final = "active"


class StoredTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger as it is kept. All times are in seconds since 1970."""

    id: str
    project: str
    schedule: str
    time_zone: str
    display_name: str
    """Empty for none."""
    interaction: bytes
    """The CreateInteraction as JSON."""
    timeout: int
    """Seconds that an execution may take."""
    most_failures: int
    """Failures in a row that end it."""
    status: str
    created: float
    updated: float
    next: float | None
    """When it is due; None where it is not active."""
    failures: int = 0
    """In a row."""
    last_run: float | None = None
    last_pause: float | None = None
    last_resume: float | None = None
    last_interaction: str | None = None
    key: str = ""
    """The API key that made it; empty where none are asked for."""


class TriggerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a trigger."""

    at: float
    display_name: str | None = None
    """None leaves it."""
    status: str | None = None
    """The same. Nothing happens to the clock of a trigger that has this status already."""
    next: float | None = None
    """When it is due, if it becomes active."""


class StoredExecution(msgspec.Struct, frozen=True, kw_only=True):
    """An execution as it is kept. All times are in seconds since 1970."""

    id: str
    project: str
    trigger: str
    status: str
    interaction: str
    """The id that its interaction has, or will have."""
    owner: str
    """The server that recorded it, and starts it unless it dies."""
    timeout: int
    """Seconds that it may take."""
    created: float
    scheduled: float | None = None
    started: float | None = None
    """When its interaction was accepted; None before."""
    ended: float | None = None
    error: str = ""


class Tick(msgspec.Struct, frozen=True):
    """A trigger comes due: whoever is first moves it on from `due` to `next`."""

    due: float
    next: float


class Running(msgspec.Struct, frozen=True):
    """An execution in progress whose interaction was started."""

    execution: StoredExecution
    status: str | None
    """The interaction's; None when it was deleted."""
    resource: bytes | None
    """The whole Interaction, once it has ended."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """How an execution ends."""

    execution: StoredExecution
    status: str
    failed: bool
    """Whether it counts as a failure of its trigger."""
    at: float
    error: str = ""


class Condition(msgspec.Struct, frozen=True):
    """What triggers of a list have in common."""

    field: Literal["display_name", "status", "time_zone"]
    equal: bool
    value: str
