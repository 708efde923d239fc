"""The frame of every background loop: tick, wait, again; a tick that fails is reported and not the end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from interplay.errors import let_go
from interplay.observe import Fault, Observer


class Loop:
    """Calls `tick` every `seconds`, and when woken, until closed.

    A tick that knows when there is something to do next returns the seconds until then.
    """

    def __init__(
        self, name: str, tick: Callable[[], Awaitable[float | None]], seconds: float, observe: Observer
    ) -> None:
        self._name = name
        self._tick = tick
        self._seconds = seconds
        self._observe = observe
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    def wake(self) -> None:
        """Tick now, or once more after the tick under way."""
        self._woken.set()

    async def close(self) -> None:
        """Stop, in the middle of a tick if need be."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            seconds = None
            try:
                seconds = await self._tick()
            except Exception as error:  # noqa: BLE001 - the loop's frame
                self._observe(Fault(self._name, error))
                let_go(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds if seconds is None else seconds):
                    await self._woken.wait()
