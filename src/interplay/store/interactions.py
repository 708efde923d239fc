"""What the store keeps of interactions: how they begin, what is logged of them, how they end. Values only."""

from typing import Any

import msgspec

from interplay.store.outbox import Notice
from interplay.store.usage import Used


class Work(msgspec.Struct, frozen=True):
    """What it takes to do an interaction, now or again."""

    tier: int
    """Tier 0 goes before 1, 1 before 2."""
    request: bytes
    """The request as JSON, without its input."""


class NewInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted interaction, in progress."""

    project: str
    id: str
    previous_id: str | None
    """The turn it goes on from; must be an ended turn of the same project."""
    status: str
    model: str
    created: float
    """Seconds since 1970."""
    expires: float | None
    """When retention removes it, seconds since 1970; None for never."""
    owner: str
    """Who alone may write its events and its end: a server process, unique per process start.

    Empty for work that waits until a server claims it.
    """
    input: bytes
    """The request's `input` as JSON, as it was sent."""
    resource: bytes
    """The Interaction as JSON as of now, without steps and input."""
    key: str = ""
    """The API key that asked, for the usage; empty where none is needed."""
    work: Work | None = None
    """How it is done, if it must be done whatever becomes of its owner."""
    blobs: tuple[str, ...] = ()
    """Digests of the project's blobs that it holds for as long as it is there."""


class StoredInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction as it is kept."""

    project: str
    id: str
    status: str
    owner: str
    input: bytes
    resource: bytes
    """The Interaction as JSON: as accepted while in progress, whole once it ended."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an interaction ends."""

    project: str
    id: str
    owner: str
    """Who says so."""
    status: str
    """The terminal one."""
    resource: bytes
    """The whole Interaction as JSON."""
    used: Used
    notice: Notice | None = None
    """What webhooks are told of it, if it was work: whoever waits for other interactions has the answer itself."""


class Turn(msgspec.Struct, frozen=True):
    """What a past turn gives to the history: its input and the Interaction it ended as, both JSON."""

    id: str
    input: bytes
    resource: bytes


class LoggedEvent(msgspec.Struct, frozen=True):
    """One event of an interaction's log."""

    interaction: str
    sequence: int
    """1, 2, 3, ... without gaps."""
    payload: bytes
    """The event as JSON, `event_id` included."""
    attempt: int = 1
    """Which execution of the run wrote it."""


def stored(row: tuple[Any, ...]) -> StoredInteraction:
    """A row of project, id, status, owner, input and resource."""
    project, id, status, owner, input, resource = row
    return StoredInteraction(project=project, id=id, status=status, owner=owner, input=input, resource=resource)
