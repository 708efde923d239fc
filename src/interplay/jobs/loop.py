"""The frame of every background loop: tick, wait, again; a tick that fails is reported and not the end."""

import asyncio
from collections.abc import Awaitable, Callable

from interplay.observe import Fault, Observer


class Loop:
    """Calls `tick` every `seconds` until closed."""

    def __init__(self, name: str, tick: Callable[[], Awaitable[None]], seconds: float, observe: Observer) -> None:
        self._name = name
        self._tick = tick
        self._seconds = seconds
        self._observe = observe
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def close(self) -> None:
        """Stop, in the middle of a tick if need be."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self._tick()
            except Exception as error:  # noqa: BLE001 - the loop's frame
                self._observe(Fault(self._name, error))
            await asyncio.sleep(self._seconds)
