"""When memory is collected and given back, and that it is."""

import ctypes
import os

import pytest
from benchmarks.cost import resident_mib

from interplay.jobs.memory import Memory, give_back_heap


class Machine:
    """A process whose time and work a test tells; tidying takes `cost` seconds of work."""

    def __init__(self, cost: float) -> None:
        self._cost = cost
        self.now = 0.0
        self.worked = 0.0
        self.tidied = 0
        self.memory = Memory(self._tidy, worked=lambda: self.worked, now=lambda: self.now)

    async def second(self, work: float) -> int:
        """A second with so much work in it, and a look; how often it was tidied in all."""
        self.now += 1
        self.worked += work
        await self.memory.tick()
        return self.tidied

    def _tidy(self) -> None:
        self.tidied += 1
        self.worked += self._cost


async def test_it_waits_for_a_quiet_moment() -> None:
    """While there is much to do nothing is done about memory; in the first quiet second it is, once."""
    machine = Machine(cost=0.01)
    assert [await machine.second(0.9) for _ in range(20)] == [0] * 20
    assert [await machine.second(0.01) for _ in range(3)] == [1, 1, 1]


async def test_a_server_that_does_nothing_is_left_alone() -> None:
    """What it does by itself, a little each second, is a reason once in a long while only."""
    machine = Machine(cost=0.02)
    assert await machine.second(0.0) == 0
    assert [await machine.second(0.005) for _ in range(1000)][-1] <= 5


async def test_it_costs_a_fiftieth_of_the_work_at_most() -> None:
    """Also where it takes long, and the server is never but half busy."""
    machine = Machine(cost=0.1)
    for _ in range(1000):
        await machine.second(0.15)
    assert 1 < machine.tidied <= 1000 * 0.15 / 5 + 1


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no such call")
def test_what_is_free_in_the_middle_of_the_heap_is_given_back() -> None:
    """Pages between others that are held go back to the system too."""
    held = [bytes(8000) for _ in range(12_000)]
    full = resident_mib(os.getpid()) or 0
    held = held[::64]
    give_back_heap()
    assert full - (resident_mib(os.getpid()) or 0) > 40
    assert held
