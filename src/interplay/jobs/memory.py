"""Memory: while there is little to do, what nobody holds any more goes back to the system.

Nearly everything is freed by itself, since nothing here holds itself in a circle; the collector finds the rest. What is
freed in the middle of the heap stays the process's own, under glibc, until it is told to give it back.
"""

import ctypes
import gc
import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 1.0
"""Between two looks."""
_QUIET: Final = 0.2
"""The share of a core below which there is little to do: a pause of some milliseconds is in nobody's way."""
_LEAST_WORK: Final = 0.25
"""Seconds of processor time after which it may be worth it."""
_TIMES_ITS_COST: Final = 50
"""It costs a fiftieth of what the server works otherwise, at most."""


def give_back_heap() -> None:
    """Give the heap's free pages to the system where the C library can: glibc; musl and macOS have no such call."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def tidy() -> None:
    """Collect what is held by circles only, then give back what is free."""
    gc.collect()
    give_back_heap()


class Memory:
    """Looks whether it is time. `worked` tells the processor time of this process, `now` the time, both in seconds."""

    def __init__(
        self,
        tidy: Callable[[], None] = tidy,
        *,
        worked: Callable[[], float] = time.process_time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tidy = tidy
        self._worked = worked
        self._now = now
        self._last_look = now()
        self._work_then = self._work_tidied = worked()
        self._due = _LEAST_WORK

    async def tick(self) -> None:
        """Look once."""
        look, work = self._now(), self._worked()
        quiet = work - self._work_then < _QUIET * (look - self._last_look)
        if quiet and work - self._work_tidied >= self._due:
            self._tidy()
            work, before = self._worked(), work
            self._work_tidied, self._due = work, max(_LEAST_WORK, _TIMES_ITS_COST * (work - before))
        self._last_look, self._work_then = look, work
