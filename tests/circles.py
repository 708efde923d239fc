"""Circles of the server's objects, which only the collector can free."""

import gc
from collections import Counter
from types import FrameType
from typing import Self


class Watched:
    """While entered the collector does nothing; then `found` is what it had to do about the server."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        self.found.update(name for each in gc.garbage if (name := _ours(each)))
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()


def _ours(found: object) -> str:
    """What it is, if it is the server's or its HTTP client's."""
    if isinstance(found, FrameType):
        return found.f_code.co_qualname if "interplay" in found.f_code.co_filename else ""
    kind = type(found)
    return kind.__qualname__ if kind.__module__.partition(".")[0] in ("interplay", "aiohttp") else ""
