"""Keeps the local engine alive: starts it, knows whether it can be asked, starts it again when it dies.

An engine that dies soon after its start, several times in a row, is *broken*: turns are then refused at once, with
its last words as the reason, while it is tried again once in a while. Not here: what is asked of it (`backend.py`).
"""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from interplay.errors import Failure
from interplay.models.local.builds import described
from interplay.models.local.checks import check_start
from interplay.models.local.process import EngineProcess
from interplay.models.local.settings import EngineSettings


class EngineEvent(msgspec.Struct, frozen=True):
    """A change in the engine's life, for those who observe it."""

    kind: Literal["started", "ready", "prepared", "unsaved", "died", "broken"]
    """`prepared`: it has read what each turn with functions begins with. `unsaved`: that cannot be kept for the next
    start. `broken`: it died once more than the policy
    allows in a row; it is tried again less often from now on."""
    detail: str
    """For people: which process, how long it took, why it died."""


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
        await asyncio.to_thread(check_start, self._settings.model_path, self._settings.engine)
        self._become(Loading())
        self._task = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """End the engine, whatever it is doing."""
        self._become(Closed())
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    def ready(self) -> bool:
        """Whether it can be asked now."""
        return isinstance(self._state, Running) and not self._state.process.ended.is_set()

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
                case Running(process) if not process.ended.is_set():
                    return process
                case Broken(reason):
                    raise Failure("unavailable", f"the local engine does not start: {reason}")
                case Closed():
                    raise Failure("unavailable", "the local engine is not running: this server is stopping")
                case Loading() | Running():  # a running one that has ended just now is loaded again
                    await self._changed.wait()

    async def _keep_alive(self) -> None:
        deaths = 0
        while True:
            seconds, reason = await self._life()
            deaths = 1 if seconds > self._policy.soon else deaths + 1
            await self._mourn(reason, deaths)

    async def _life(self) -> tuple[float, str]:
        """Start an engine and follow it to its end. Returns for how long it could be asked, and why it ended."""
        try:
            process = await EngineProcess.start(self._settings)
        except OSError as error:
            return 0.0, f"its process cannot be started: {error}"
        self._on_event(EngineEvent("started", f"process {process.pid}; {described(self._settings.engine)}"))
        try:
            return await self._service(process), process.why()
        finally:
            await process.close()

    async def _service(self, process: EngineProcess) -> float:
        """Offer an engine to those who ask, from its readiness to its end. Returns the seconds between."""
        started = time.monotonic()
        if not await process.listening():
            return 0.0
        ready = time.monotonic()
        self._become(Running(process))
        self._on_event(EngineEvent("ready", f"process {process.pid}, loaded in {ready - started:.1f} s"))
        await process.ended.wait()
        return time.monotonic() - ready

    async def _mourn(self, reason: str, deaths: int) -> None:
        """Say that it died, and wait as long as the policy says."""
        pause, broken = self._policy.pause(deaths), self._policy.broken(deaths)
        self._become(Broken(reason) if broken else Loading())
        self._on_event(EngineEvent("broken" if broken else "died", f"{reason}; next start in {pause:g} s"))
        await asyncio.sleep(pause)

    def _become(self, state: State) -> None:
        self._state = state
        self._changed.set()
        self._changed = asyncio.Event()
