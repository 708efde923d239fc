"""The port of the triggers: what is to be started when, and every execution of it.

An execution is recorded before its interaction is started, with the interaction's id chosen, so that a crash between
the two leaves something to start and never two of it. Of a trigger at most one execution is in progress.
"""

from collections.abc import Sequence
from typing import Final, Literal, Protocol

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


class Place(msgspec.Struct, frozen=True):
    """A row of a list that is ordered by time, the newest first."""

    created: float
    id: str


class TriggerStore(Protocol):
    """Triggers and executions. A method that takes a project sees that project's rows only."""

    async def add(self, trigger: StoredTrigger, most: int) -> bool:
        """Keep a new trigger, unless the project has `most` already; durable when this returns True."""

    async def get(self, project: str, id: str) -> StoredTrigger | None:
        """One trigger, or None."""

    async def page(
        self, project: str, conditions: Sequence[Condition], after: Place | None, limit: int, most_bytes: int
    ) -> list[StoredTrigger]:
        """The next triggers that meet all conditions, the newest first.

        None follows one with which their interactions together have more than `most_bytes`.
        """

    async def update(self, project: str, id: str, change: TriggerChange) -> StoredTrigger | None:
        """Change a trigger; as it is then, or None. One that becomes active has no failures."""

    async def remove(self, project: str, id: str) -> bool:
        """Delete a trigger, but not its executions; False when it was not there."""

    async def due(self, now: float, limit: int = 100) -> list[StoredTrigger]:
        """Active triggers of all projects whose time has come, the longest due first."""

    async def next_due(self) -> float | None:
        """When the next trigger of any project is due."""

    async def record(
        self, execution: StoredExecution, otherwise: StoredExecution, tick: Tick | None
    ) -> StoredExecution | None:
        """Keep an execution, or `otherwise` if one of its trigger is in progress; the one that was kept.

        None, and nothing is done, when the trigger is no longer there, or not due as the tick says: another server was
        first, or it was paused.
        """

    async def executions(self, project: str, trigger: str, after: Place | None, limit: int) -> list[StoredExecution]:
        """The next executions of a trigger, deleted or not, the newest first."""

    async def begun(self, execution: StoredExecution, at: float) -> bool:
        """Note that its interaction was started; False when it had been noted before, or has ended."""

    async def put_off(self, execution: StoredExecution, at: float) -> None:
        """Note that it could not be started now: others are tried before it is again."""

    async def unbegun(
        self, server: str, silent_seconds: float, limit: int = 100, most_each: int = 10
    ) -> list[StoredExecution]:
        """Executions in progress without an interaction that this server, or one that is gone, has recorded.

        Gone is who was never seen, or not for `silent_seconds`. At most `most_each` of a project, those first that were
        not tried for the longest time; all projects have one before any has two.
        """

    async def running(self) -> list[Running]:
        """All executions in progress whose interaction was started, and what has become of it."""

    async def settle(self, settlement: Settlement) -> bool:
        """End an execution, count it for its trigger, and stop that after too many failures in a row.

        False, and nothing is done, when it had ended before.
        """

    async def forget(self, before: float, limit: int = 500) -> int:
        """Remove at most `limit` executions that ended before; how many."""
