"""Signs of life, and when a server may call others dead: by a clock that the test moves, over a real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interplay.errors import Failure
from interplay.jobs.liveness import BEAT_SECONDS, SILENT_SECONDS, Heartbeat, Sweep
from interplay.observe import Fault, Observation
from interplay.store.sqlite import SqliteStore
from tests.store.samples import new


class Reachable(SqliteStore):
    """The real store, which can be cut off."""

    cut_off = False

    async def seen(self, server: str) -> None:
        """Fail if cut off."""
        if self.cut_off:
            raise Failure("unavailable", "The database does not answer.")
        await super().seen(server)


class World:
    """One server's heartbeat and sweep, at a time of the test's choosing."""

    def __init__(self, store: Reachable) -> None:
        self.store = store
        self.now = 1000.0
        self.observed: list[Observation] = []
        self.sweeps = 0
        self.heartbeat = Heartbeat(store, "me", lambda: self.now, self.observed.append)
        self._sweep = Sweep(self.heartbeat, self._recover)

    async def live(self, seconds: float) -> None:
        """Let so much time pass, with a beat and a sweep every two seconds."""
        for _ in range(round(seconds / BEAT_SECONDS)):
            self.now += BEAT_SECONDS
            await self.heartbeat.tick()
            await self._sweep.tick()

    async def _recover(self) -> None:
        self.sweeps += 1


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server that has just started."""
    store = Reachable(tmp_path)
    await store.open()
    yield World(store)
    await store.close()


async def test_a_beat_keeps_a_servers_runs_its_own(world: World) -> None:
    """What is seen is not taken over."""
    await world.store.insert(new("a", owner="me"))
    await world.heartbeat.tick()
    assert await world.store.take_over("other", SILENT_SECONDS) == []


async def test_a_server_that_has_just_started_calls_nobody_dead(world: World) -> None:
    """Others may be about to give a sign; after as long as a dead one is waited for it looks."""
    await world.live(SILENT_SECONDS - BEAT_SECONDS)
    assert world.sweeps == 0
    await world.live(2 * BEAT_SECONDS)
    assert world.sweeps > 0


async def test_a_server_that_was_cut_off_calls_nobody_dead(world: World) -> None:
    """The others were cut off with it. It says so, not for ever, and looks again when it has been back for long."""
    await world.live(20)
    world.store.cut_off = True
    await world.live(3 * BEAT_SECONDS)
    assert not world.heartbeat.lately()
    seen = world.sweeps
    await world.live(20)
    assert len([each for each in world.observed if isinstance(each, Fault)]) <= 2
    world.store.cut_off = False
    await world.live(SILENT_SECONDS)
    assert world.sweeps == seen
    assert world.heartbeat.lately()
    await world.live(BEAT_SECONDS)
    assert world.sweeps == seen + 1


async def test_a_server_that_was_paused_calls_nobody_dead(world: World) -> None:
    """Its own silence was as long as theirs may have been."""
    await world.live(20)
    seen = world.sweeps
    world.now += 60
    await world.live(SILENT_SECONDS)
    assert world.sweeps == seen
