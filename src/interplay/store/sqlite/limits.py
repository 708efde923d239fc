"""What limits are held by, for the one server that has the files: in memory, so that a restart begins anew."""

import time
from collections.abc import Sequence
from typing import TypeVar

from interplay.store.limits import Change, Counted

T = TypeVar("T")


class SqliteLimits:
    """The `LimitStore` port beside SQLite files."""

    def __init__(self) -> None:
        self._counted: dict[str, Counted] = {}

    async def change(
        self, names: Sequence[str], change: Change[T], *, silent_seconds: float, now: float | None = None
    ) -> T:
        """What `change` returns."""
        del silent_seconds  # there is no other server
        counted = {name: self._counted.setdefault(name, Counted()) for name in names}
        return change(counted, time.time() if now is None else now)
