"""Writes the events of all live runs to the store, a batch every few milliseconds.

Readers in this process need not wait for it. What a crash may lose is the last batch.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from interplay.errors import Failure
from interplay.store.base import LoggedEvent, Store

BATCH_SECONDS: Final = 0.01

OnFailure = Callable[[str, Failure], None]
"""Told the interaction whose events could not be written, and why."""


class Recorder:
    """Group commit for event logs."""

    def __init__(self, store: Store, on_failure: OnFailure) -> None:
        self._store = store
        self._on_failure = on_failure
        self._pending: list[LoggedEvent] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writes: set[asyncio.Task[None]] = set()

    def add(self, event: LoggedEvent) -> None:
        """Take an event to be written with the next batch."""
        self._pending.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_SECONDS, self._start_write)

    async def flush(self) -> None:
        """Return when everything added so far is written, or its run has been told that it could not be."""
        self._start_write()
        if self._writes:
            await asyncio.wait(self._writes)

    def _start_write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        write = asyncio.get_running_loop().create_task(self._write(batch))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _write(self, batch: list[LoggedEvent]) -> None:
        try:
            await self._store.append(batch)
        except Failure as failure:
            for interaction in {event.interaction for event in batch}:
                self._on_failure(interaction, failure)
