"""One life of the local engine: its process, from start to end. Not here: the next life (`supervisor.py`).

The secret key goes to the child by its standard input, which is the child's lifeline as well: the child ends when
that is closed, whatever closed it. Its log is read all the time and the last lines are kept, to say why it died.
"""

import asyncio
import os
import re
import secrets
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from typing import TypeVar

import msgspec

from interplay.models.local import cpu
from interplay.models.local.settings import EngineSettings, Launch, Listening

T = TypeVar("T")

KEPT_LOG_LINES = 6
LONGEST_LOG_LINE = 2000
LOG_PREFIX = re.compile(r"^[\d.]+ [A-Z] ")
CLOSE_SECONDS = 2.0
QUIET = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}
"""OpenMP's threads else spin at their barriers and take the processor from everyone, the server included."""
HINTS = {
    signal.SIGKILL: "something killed it, often because the machine ran out of memory",
    signal.SIGILL: "this processor lacks an instruction that it needs",
}


class EngineProcess:
    """A started engine, made by `start`."""

    def __init__(self, process: asyncio.subprocess.Process, key: str) -> None:
        self.key = key
        self.url = ""
        self.ended = asyncio.Event()
        self._process = process
        self._input = present(process.stdin)
        self._output = present(process.stdout)
        self._last_words: deque[str] = deque(maxlen=KEPT_LOG_LINES)
        self._following = asyncio.create_task(self._follow(present(process.stderr)))

    @classmethod
    async def start(cls, settings: EngineSettings) -> "EngineProcess":
        """Start the process and tell it what to load."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "interplay.models.local.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | QUIET,
            start_new_session=True,
        )
        engine = cls(process, secrets.token_urlsafe(32))
        engine._tell(Launch(settings, engine.key, settings.threads or cpu.usable_cores()))
        return engine

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def listening(self) -> bool:
        """Wait until the model is loaded and the engine listens at `url`. False if it ended instead."""
        if line := await self._output.readline():
            self.url = msgspec.json.decode(line, type=Listening).url
            return True
        await self.ended.wait()
        return False

    def why(self) -> str:
        """How it ended, and the last it said."""
        how = ending(self._process.returncode)
        return f"{how}; its last words: {' | '.join(self._last_words)}" if self._last_words else how

    async def close(self) -> None:
        """End it: close its standard input, and kill it if that does not help."""
        self._input.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.ended.wait()
        except TimeoutError:
            pass
        finally:
            self._kill()
        await self._following

    def _kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()

    def _tell(self, launch: Launch) -> None:
        self._input.write(msgspec.json.encode(launch) + b"\n")

    async def _follow(self, log: asyncio.StreamReader) -> None:
        async for line in lines(log):
            self._last_words.append(line)
        await self._process.wait()
        self.ended.set()


def present(stream: T | None) -> T:
    """A stream that was asked for at the start, and therefore is there."""
    if stream is None:
        raise RuntimeError("The engine was started without its pipes.")
    return stream


async def lines(log: asyncio.StreamReader) -> AsyncGenerator[str, None]:
    """What the log's lines say, without time and level. Of a line of unreasonable length only the end."""
    rest = b""
    while chunk := await log.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[-LONGEST_LOG_LINE:]
        for line in whole:
            if said := told(line):
                yield said
    if said := told(rest):
        yield said


def told(line: bytes) -> str:
    """What a line of the log says."""
    return LOG_PREFIX.sub("", line[-LONGEST_LOG_LINE:].decode(errors="replace")).strip()


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "it is still running"
    if status >= 0:
        return f"it ended with status {status}"
    name = signal.Signals(-status)
    return f"it was ended by {name.name}" + (f" ({HINTS[name]})" if name in HINTS else "")
