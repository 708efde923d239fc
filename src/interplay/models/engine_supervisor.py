"""Keeps the local engine alive: starts it, knows whether it can be asked, starts it again when it dies.

An engine that dies soon after its start, several times in a row, is *broken*: turns are then refused at once, with
its last words as the reason, while it is tried again once in a while. Not here: what is asked of it (`local.py`).
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

import msgspec

from interplay.errors import Failure
from interplay.models.engine_checks import check_start
from interplay.models.engine_process import EngineProcess
from interplay.models.engine_settings import EngineSettings


class EngineReady(msgspec.Struct, frozen=True):
    """The engine has loaded its model."""

    pid: int
    seconds: float
    """How long that took."""


class EngineDied(msgspec.Struct, frozen=True):
    """The engine ended by itself. It will be started again."""

    reason: str
    deaths: int
    """How many times in a row it died soon, this one included."""
    restart_in: float
    """Seconds until it is started again."""


EngineEvent = EngineReady | EngineDied


class Loading(msgspec.Struct, frozen=True):
    """Started, or about to be."""


class Running(msgspec.Struct, frozen=True):
    """It can be asked."""

    process: EngineProcess


class Broken(msgspec.Struct, frozen=True):
    """It dies as soon as it is started."""

    reason: str


class Closed(msgspec.Struct, frozen=True):
    """Not opened yet, or closed."""


State = Loading | Running | Broken | Closed


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine that died is started again."""

    pauses: tuple[float, ...] = (0.0, 1.0, 4.0)
    """Seconds to wait after the first, second, ... death in a row. After all of these it counts as broken."""
    broken_pause: float = 60.0
    """Seconds between the tries to start a broken engine."""
    soon: float = 30.0
    """A death within so many seconds of being ready counts as one more in a row; a later one starts the count anew."""

    def broken(self, deaths: int) -> bool:
        """Whether so many deaths in a row mean that it is broken."""
        return deaths > len(self.pauses)

    def pause(self, deaths: int) -> float:
        """Seconds until the next start."""
        return self.broken_pause if self.broken(deaths) else self.pauses[deaths - 1]


def unheard(_: EngineEvent) -> None:
    """For those who do not listen."""


class EngineSupervisor:
    """One engine and its restarts. `on_event` is told of each life's beginning and end."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        on_event: Callable[[EngineEvent], None] = unheard,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._policy = policy or RestartPolicy()
        self._state: State = Closed()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the engine; it goes on loading after this returns. Raises EngineError if it cannot run here."""
        check_start(self._settings.model_path)
        self._become(Loading())
        self._task = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """End the engine, whatever it is doing."""
        self._become(Closed())
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def ready(self) -> bool:
        """Whether it can be asked now."""
        return isinstance(self._state, Running)

    def closed(self) -> bool:
        """Whether it was ended on purpose, or never started."""
        return isinstance(self._state, Closed)

    async def running(self, patience: float) -> EngineProcess:
        """The engine, once it can be asked. Raises Failure `unavailable` if it cannot within `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                return await self._running()
        except TimeoutError:
            raise Failure(
                "unavailable",
                f"the local engine is still loading its model, after {patience:g} s of waiting; try again",
            ) from None

    async def _running(self) -> EngineProcess:
        while True:
            match self._state:
                case Running(process):
                    return process
                case Broken(reason):
                    raise Failure("unavailable", f"the local engine does not start: {reason}")
                case Closed():
                    raise Failure("unavailable", "the local engine is not running: this server is stopping")
                case Loading():
                    await self._changed.wait()

    async def _keep_alive(self) -> None:
        deaths = 0
        while True:
            process = await EngineProcess.start(self._settings)
            try:
                lived = await self._life(process)
            finally:
                await process.close()
            deaths = 1 if lived > self._policy.soon else deaths + 1
            await self._mourn(process.why(), deaths)

    async def _life(self, process: EngineProcess) -> float:
        """Follow an engine to its end. Returns the seconds it could be asked."""
        started = time.monotonic()
        if not await process.listening():
            return 0.0
        ready = time.monotonic()
        self._become(Running(process))
        self._on_event(EngineReady(process.pid, ready - started))
        await process.ended.wait()
        return time.monotonic() - ready

    async def _mourn(self, reason: str, deaths: int) -> None:
        """Say that it died, and wait as long as the policy says."""
        pause = self._policy.pause(deaths)
        self._become(Broken(reason) if self._policy.broken(deaths) else Loading())
        self._on_event(EngineDied(reason, deaths, pause))
        await asyncio.sleep(pause)

    def _become(self, state: State) -> None:
        self._state = state
        self._changed.set()
        self._changed = asyncio.Event()
