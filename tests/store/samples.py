"""Small rows for the store's tests."""

import itertools

from interplay.store.base import Store
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction, Turn
from interplay.store.keys import Key
from interplay.store.usage import Used

_numbers = itertools.count(1)


def new(
    id: str,
    previous_id: str | None = None,
    *,
    project: str = "home",
    expires: float | None = None,
    owner: str = "me",
    blobs: tuple[str, ...] = (),
) -> NewInteraction:
    """An interaction in progress whose payloads tell its id."""
    return NewInteraction(
        project=project,
        id=id,
        previous_id=previous_id,
        status="in_progress",
        model="gemini-3.5-flash",
        created=1.0,
        expires=expires,
        owner=owner,
        input=f'"input of {id}"'.encode(),
        resource=b"{}",
        blobs=blobs,
    )


def ending(
    id: str,
    *,
    project: str = "home",
    owner: str = "me",
    status: str = "completed",
    resource: bytes | None = None,
    used: Used | None = None,
) -> Ending:
    """The end of `new`."""
    resource, used = resource or outcome(id), used or Used(day="2026-11-27")
    return Ending(project=project, id=id, owner=owner, status=status, resource=resource, used=used)


def outcome(id: str) -> bytes:
    """The resource that `ended` gives to an interaction."""
    return f'{{"id":"{id}"}}'.encode()


async def ended(
    store: Store, id: str, previous_id: str | None = None, *, project: str = "home", expires: float | None = None
) -> None:
    """Insert an interaction and finish it."""
    await store.insert(new(id, previous_id, project=project, expires=expires))
    assert await store.finish(ending(id, project=project))


async def line(store: Store, id: str, project: str = "home") -> list[str]:
    """The ids of a history."""
    return [turn.id for turn in await store.history(project, id)]


def turn(id: str) -> Turn:
    """What `ended` leaves to a history."""
    return Turn(id, f'"input of {id}"'.encode(), outcome(id))


def log(interaction: str, first: int, last: int, attempt: int = 1) -> list[LoggedEvent]:
    """Consecutive events."""
    return [LoggedEvent(interaction, n, f"event {n}".encode(), attempt) for n in range(first, last + 1)]


def key(id: str, project: str = "home", created: float = 1.0) -> Key:
    """A key."""
    return Key(id=id, project=project, hint="abcd", created=created)


def fresh_project() -> str:
    """A project that no other test has used."""
    return f"project {next(_numbers)}"
