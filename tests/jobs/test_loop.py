"""The frame of background loops."""

import asyncio

from interplay.jobs.loop import Loop
from interplay.observe import Fault, Observation


class Ticks:
    """A tick that lasts as long as a test wants, and may fail."""

    def __init__(self) -> None:
        self.began: asyncio.Queue[int] = asyncio.Queue()
        self.may_end = asyncio.Event()
        self.fails = False
        self._count = 0

    async def tick(self) -> None:
        """Say that it has begun, wait until it may end."""
        self._count += 1
        self.began.put_nowait(self._count)
        await self.may_end.wait()
        if self.fails:
            raise ValueError("broken")


async def test_a_loop_that_is_woken_ticks_at_once() -> None:
    """Also when it is woken in the middle of a tick, which may have missed what it is woken for."""
    ticks = Ticks()
    loop = Loop("test", ticks.tick, 3600, lambda _: None)
    loop.open()
    assert await ticks.began.get() == 1
    loop.wake()
    ticks.may_end.set()
    assert await ticks.began.get() == 2
    await asyncio.sleep(0)
    loop.wake()
    assert await ticks.began.get() == 3
    await loop.close()
    assert ticks.began.empty()


async def test_a_tick_that_fails_is_told_and_not_the_end() -> None:
    """The next one comes when it is due."""
    seen: list[Observation] = []
    ticks = Ticks()
    ticks.may_end.set()
    ticks.fails = True
    loop = Loop("test", ticks.tick, 0, seen.append)
    loop.open()
    assert [await ticks.began.get() for _ in range(3)] == [1, 2, 3]
    await loop.close()
    assert {type(each) for each in seen} == {Fault}
