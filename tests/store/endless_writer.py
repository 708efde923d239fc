"""Writes interactions and events for ever, and prints what the store has promised. `test_crash.py` kills it."""

import asyncio
import sys
from pathlib import Path

from interplay.store.base import Store
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction
from interplay.store.sqlite import SqliteStore
from interplay.store.usage import Used


def payload(id: str, what: str) -> bytes:
    """Bytes that can be recognised, of a length that differs from row to row."""
    return f"{what} of {id} ".encode() * (1 + len(id) * sum(id.encode()) % 50)


async def main(directory: Path) -> None:
    """Eight conversations at once."""
    store = SqliteStore(directory)
    await store.open()
    await asyncio.gather(*[_conversation(store, f"c{n}") for n in range(8)])


async def _conversation(store: Store, name: str) -> None:
    previous = None
    for number in range(1_000_000):
        previous = await _turn(store, f"{name}.{number}", previous)


async def _turn(store: Store, id: str, previous: str | None) -> str:
    await store.insert(_new(id, previous))
    _promise("inserted", id)
    for first in (1, 11, 21):
        await store.append(
            [LoggedEvent(id, n, payload(id, f"event {n}")) for n in range(first, first + 10)], owner="child"
        )
        _promise(f"appended-{first + 9}", id)
    await store.finish(_ending(id))
    _promise("finished", id)
    return id


def _new(id: str, previous: str | None) -> NewInteraction:
    return NewInteraction(
        project="home",
        id=id,
        previous_id=previous,
        status="in_progress",
        model="m",
        created=1.0,
        expires=None,
        owner="child",
        input=payload(id, "input"),
        resource=b"{}",
    )


def _ending(id: str) -> Ending:
    return Ending(
        project="home",
        id=id,
        owner="child",
        status="completed",
        resource=payload(id, "resource"),
        used=Used(day="2026-11-27"),
    )


def _promise(what: str, id: str) -> None:
    sys.stdout.write(f"{what} {id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
