"""Meters what has no row to be counted with: runs that are not stored, or were deleted meanwhile, and decisions.

It is added up in memory and written down every second; a crash loses what was used since.
"""

from typing import Final

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.errors import Failure
from interplay.observe import Fault, Observer
from interplay.runs.ending import spent
from interplay.store.base import Store
from interplay.store.usage import Spent, Used

SECONDS: Final = 1.0
"""Between two writes."""

_Place = tuple[str, str, str, str]
"""Project, key, model and day."""


class _Batch(msgspec.Struct, frozen=True):
    number: int
    spent: list[Spent]


class Meter:
    """One server's; `writer` is its name to the store, unique per process start."""

    def __init__(self, store: Store, writer: str, observe: Observer) -> None:
        self._store = store
        self._writer = writer
        self._observe = observe
        self._added: dict[_Place, Spent] = {}
        self._batch = _Batch(0, [])
        """What is being written, or could not be: it is sent again as it was, so that it is added once."""
        self._failing = False

    def add(self, spent: Spent) -> None:
        """Take what is to be written with the next batch."""
        place = (spent.project, spent.key, spent.model, spent.used.day)
        known = self._added.get(place)
        self._added[place] = spent if known is None else _sum(known, spent)

    async def tick(self) -> None:
        """Write down what was added so far, or keep it for the next time. That it cannot be written is said once."""
        try:
            await self.flush()
            await self._store.usage.tidy()
        except Failure as failure:
            if not self._failing:
                self._observe(Fault("usage", failure))
            self._failing = True
        else:
            self._failing = False

    async def flush(self) -> None:
        """Write down what was added so far. Raises Failure, and nothing is lost."""
        while self._batch.spent or self._added:
            if not self._batch.spent:
                self._batch = _Batch(self._batch.number + 1, list(self._added.values()))
                self._added = {}
            await self._store.usage.add(self._writer, self._batch.number, self._batch.spent)
            self._batch = _Batch(self._batch.number, [])


def _sum(one: Spent, other: Spent) -> Spent:
    counts = ("input", "cached", "output", "thought")
    sums = {name: getattr(one.used, name) + getattr(other.used, name) for name in counts}
    return msgspec.structs.replace(one, used=Used(day=one.used.day, **sums), requests=one.requests + other.requests)


class Account:
    """What one run has used: counted once, with its row at its end, or here where there is no row."""

    def __init__(self, meter: Meter, caller: Caller) -> None:
        self._meter = meter
        self._caller = caller
        self.counted = False

    def count(self, interaction: wire.Interaction) -> None:
        """Count it without a row, unless it has been counted."""
        if not self.counted:
            self.counted = True
            self._meter.add(spent(self._caller, interaction))
