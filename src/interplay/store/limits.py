"""The port of what limits are held by: what projects and keys have asked for in the last minute, and what runs.

All servers of a store share it. What may be asked for is not decided here (`interplay.runs.windows`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Tally(msgspec.Struct, array_like=True):
    """One second's."""

    requests: int = 0
    tokens: int = 0


class Counted(msgspec.Struct):
    """What is counted of one project or key."""

    seconds: dict[int, Tally] = {}
    """By seconds since 1970."""
    running: dict[str, int] = {}
    """How many runs are going on, by the server that has them."""


Change = Callable[[Mapping[str, Counted], float], T]
"""Is given what is counted, by name, and the time, and may change it in place."""


class LimitStore(Protocol):
    """Changes of what is counted."""

    async def change(
        self, names: Sequence[str], change: Change[T], *, silent_seconds: float, now: float | None = None
    ) -> T:
        """What `change` returns, made while nobody else counts for these names. It may be called more than once.

        Servers that were not seen for so long run nothing any more. `now` is the store's own time unless said.
        """
