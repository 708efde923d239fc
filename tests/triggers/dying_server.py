"""Executes a trigger up to a certain point, says so, and stands still there. `test_servers.py` kills it."""

import asyncio
import sys
from pathlib import Path

from interplay import wire
from interplay.caller import Caller
from interplay.runs.background import Enqueued
from interplay.runs.runs import Runs
from interplay.store.base import Store
from interplay.store.postgres import PostgresStore
from interplay.store.sqlite import SqliteStore
from tests.triggers.world import PROJECT, World


class BeforeTheStart(Runs):
    """The real runs, never reached."""

    async def enqueue(self, caller: Caller, request: wire.CreateInteraction, id: str | None = None) -> Enqueued:
        """Stand still."""
        await _stand_still()
        return await super().enqueue(caller, request, id)


class AfterTheStart(Runs):
    """The real runs, which are not heard of any more."""

    async def enqueue(self, caller: Caller, request: wire.CreateInteraction, id: str | None = None) -> Enqueued:
        """Start, then stand still."""
        started = await super().enqueue(caller, request, id)
        await _stand_still()
        return started


KINDS = {"before": BeforeTheStart, "after": AfterTheStart}


async def _stand_still() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(place: str, where: str) -> None:
    """One server with one trigger, which is run by hand."""
    store: Store = PostgresStore(place) if place.startswith("postgresql:") else SqliteStore(Path(place))
    await store.open()
    world = await World.open(store, kind=KINDS[where])
    trigger = await world.create("0 9 1 1 *", input="say: hello")
    await world.triggers.run(PROJECT, trigger.id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
