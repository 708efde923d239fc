"""Reading a log from the store, with the same calls as a live one: of a run that has ended, or is another server's."""

import asyncio
import re
from contextlib import suppress
from typing import Protocol

import msgspec

from interplay import wire
from interplay.engine.run import summary
from interplay.engine.status import CANCELLED, NOT_ENDED, TERMINAL_EVENT
from interplay.errors import Failure, invalid, shown
from interplay.runs.log import Entry, event_id, numbered
from interplay.store.base import LoggedEvent, Store, StoredInteraction

_PAGE = 1000
_POLL_SECONDS = 0.04
"""How far behind a run on another server its readers are."""
_UNWRITTEN_TRIES = 25
"""How often an event is looked for that another server has shown, and may not have written yet."""
_NUMBER = re.compile("[1-9][0-9]{0,8}")


class EventReader(Protocol):
    """A follower of a log, live or ended."""

    async def next(self) -> list[Entry] | None:
        """What is new: empty when only woken, None when there will be no more."""

    def wake(self) -> None:
        """Make a waiting `next` return."""

    def leave(self) -> None:
        """Stop following; a waiting `next` returns None."""


class StoredReader:
    """Pages through the stored events of one interaction, and waits for more while its run goes on elsewhere.

    A power cut or a full disk may have cost the log its last events; then the terminal event is made again from the
    stored Interaction, so that every stream ends.
    """

    def __init__(self, store: Store, stored: StoredInteraction, after: int) -> None:
        self._store = store
        self._stored = stored
        self._after = after
        self._over = False
        self._woken = asyncio.Event()

    @classmethod
    async def open(cls, store: Store, stored: StoredInteraction, last_event_id: str | None) -> "StoredReader":
        """A reader of what is behind a cursor. Raises Failure for a cursor that is none of this interaction's."""
        after = sequence_of(stored.id, last_event_id)
        reader = cls(store, stored, after)
        if after:
            seen = await reader._seen()
            if not seen:
                raise foreign_cursor(stored.id, last_event_id or "")
            reader._over = _entry(seen[0]).type == TERMINAL_EVENT
        return reader

    async def next(self) -> list[Entry] | None:
        """The next page."""
        if self._over:
            return None
        # The status before the events: all events of a run that has ended were written before.
        await self._look()
        events = await self._store.events(self._stored.id, self._after, _PAGE)
        if not events and self._stored.status in NOT_ENDED:
            return await self._pause()
        entries = [_entry(event) for event in events] or [self._ending()]
        self._after = entries[-1].sequence
        self._over = entries[-1].type == TERMINAL_EVENT
        return entries

    def wake(self) -> None:
        """Make a waiting `next` return."""
        self._woken.set()

    def leave(self) -> None:
        """No more pages."""
        self._over = True
        self.wake()

    async def _seen(self) -> list[LoggedEvent]:
        """The event of the cursor, which another server may have shown before it has written it."""
        for _ in range(_UNWRITTEN_TRIES if self._stored.status in NOT_ENDED else 1):
            if seen := await self._store.events(self._stored.id, self._after - 1, 1):
                return seen
            await asyncio.sleep(_POLL_SECONDS)
        return []

    async def _look(self) -> None:
        """What has become of a run that was going on elsewhere."""
        if self._stored.status in NOT_ENDED:
            now = await self._store.get(self._stored.project, self._stored.id)
            deleted = msgspec.structs.replace(self._stored, status=CANCELLED)
            self._stored = now or deleted

    async def _pause(self) -> list[Entry]:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._woken.wait()
        self._woken.clear()
        return []

    def _ending(self) -> Entry:
        interaction = _interaction.decode(self._stored.resource)
        event = wire.InteractionCompletedEvent(interaction=summary(interaction, status=self._stored.status))
        return numbered(self._stored.id, self._after + 1, event)


def _entry(event: LoggedEvent) -> Entry:
    return Entry(event.sequence, _type.decode(event.payload).event_type, event.payload)


class _Typed(msgspec.Struct):
    event_type: str


_type = msgspec.json.Decoder(_Typed)
_interaction = msgspec.json.Decoder(wire.Interaction)


def sequence_of(interaction: str, last_event_id: str | None) -> int:
    """The sequence that a cursor of this interaction stands for; 0 without a cursor.

    Raises Failure `invalid_request` for another run's cursor, or anything else.
    """
    if last_event_id is None:
        return 0
    prefix, _, digits = last_event_id.rpartition(".")
    if prefix == interaction and _NUMBER.fullmatch(digits):
        return int(digits)
    raise foreign_cursor(interaction, last_event_id)


def foreign_cursor(interaction: str, last_event_id: str) -> Failure:
    """The refusal of a cursor."""
    return invalid(
        f"'last_event_id' {shown(last_event_id)} is not an event of interaction {shown(interaction)}. "
        f"Expected the 'event_id' of one of its events, like {shown(event_id(interaction, 3))}."
    )
