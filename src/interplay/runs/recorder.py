"""Writes the events of all live runs to the store, a batch every few milliseconds.

Readers in this process need not wait for it. What a crash may lose is the last batch; a log never has a gap: one batch
is written at a time, and a run whose events could not be written gets no more of them written.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from interplay.errors import Failure, our_fault
from interplay.observe import Fault, Observer
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent

BATCH_SECONDS: Final = 0.01


class Gone(Failure):
    """Why a run is over for this server though it has not ended here: it was deleted or taken over."""

    def __init__(self) -> None:
        super().__init__("unavailable", "The interaction was deleted or ended elsewhere while this server answered it.")


OnWritten = Callable[[str, int], None]
"""Told the interaction and the number of its last event that is kept."""
OnFailure = Callable[[str, Failure], bool]
"""Told the interaction whose events could not be written, and why; whether more of them may come."""


class Recorder:
    """Group commit for event logs."""

    def __init__(
        self, store: Store, owner: str, on_written: OnWritten, on_failure: OnFailure, observe: Observer
    ) -> None:
        self._store = store
        self._owner = owner
        self._on_written = on_written
        self._on_failure = on_failure
        self._observe = observe
        self._pending: list[LoggedEvent] = []
        self._broken: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Task[None]] = set()

    def add(self, event: LoggedEvent) -> None:
        """Take an event to be written with the next batch."""
        self._pending.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_SECONDS, self._start_flush)

    def forget(self, interaction: str) -> None:
        """A run has ended; no more of its events will come."""
        self._broken.discard(interaction)

    def drop(self, interaction: str) -> None:
        """Write no more of what was added of this one."""
        self._pending = [event for event in self._pending if event.interaction != interaction]

    async def flush(self) -> None:
        """Return when everything added so far is written, or its run has been told that it could not be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._one_at_a_time:
            batch, self._pending = self._pending, []
            if batch:
                await self._write([event for event in batch if event.interaction not in self._broken])

    def _start_flush(self) -> None:
        flush = asyncio.get_running_loop().create_task(self.flush(), name="recorder")
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)

    async def _write(self, batch: list[LoggedEvent]) -> None:
        interactions = {event.interaction: event.sequence for event in batch}
        try:
            gone = await self._store.append(batch, owner=self._owner)
            self._fail(gone, Gone())
            for interaction in interactions.keys() - gone:
                self._on_written(interaction, interactions[interaction])
        except Failure as failure:
            if failure.code == "internal" and len(interactions) > 1:
                await self._write_each(batch)  # one of them is wrong, and the others shall not suffer for it
            else:
                self._fail(interactions, failure)
        except Exception as error:  # noqa: BLE001 - the edge of a background write: its runs must hear of it
            self._observe(Fault("recorder", error))
            self._fail(interactions, our_fault())

    async def _write_each(self, batch: list[LoggedEvent]) -> None:
        for interaction in {event.interaction: None for event in batch}:
            await self._write([event for event in batch if event.interaction == interaction])

    def _fail(self, interactions: Iterable[str], failure: Failure) -> None:
        for interaction in interactions:
            if self._on_failure(interaction, failure):
                self._broken.add(interaction)
