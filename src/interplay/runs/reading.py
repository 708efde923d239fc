"""Reading the log of a run that has ended, from the store, with the same calls as a live one."""

import re
from typing import Protocol

import msgspec

from interplay import wire
from interplay.engine.run import summary
from interplay.engine.status import TERMINAL_EVENT
from interplay.errors import Failure, invalid, shown
from interplay.runs.log import Entry, event_id, numbered
from interplay.store.base import LoggedEvent, Store, StoredInteraction

_PAGE = 1000
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
    """Pages through the stored events of one interaction that has ended.

    A power cut or a full disk may have cost the log its last events; then the terminal event is made again from the
    stored Interaction, so that every stream ends.
    """

    def __init__(self, store: Store, stored: StoredInteraction, after: int) -> None:
        self._store = store
        self._stored = stored
        self._after = after
        self._over = False

    @classmethod
    async def open(cls, store: Store, stored: StoredInteraction, last_event_id: str | None) -> "StoredReader":
        """A reader of what is behind a cursor. Raises Failure for a cursor that is none of this interaction's."""
        after = sequence_of(stored.id, last_event_id)
        reader = cls(store, stored, after)
        if after:
            seen = await store.events(stored.id, after - 1, 1)
            if not seen:
                raise foreign_cursor(stored.id, last_event_id or "")
            reader._over = _entry(seen[0]).type == TERMINAL_EVENT
        return reader

    async def next(self) -> list[Entry] | None:
        """The next page."""
        if self._over:
            return None
        events = await self._store.events(self._stored.id, self._after, _PAGE)
        entries = [_entry(event) for event in events] or [self._ending()]
        self._after = entries[-1].sequence
        self._over = entries[-1].type == TERMINAL_EVENT
        return entries

    def _ending(self) -> Entry:
        interaction = _interaction.decode(self._stored.resource)
        event = wire.InteractionCompletedEvent(interaction=summary(interaction))
        return numbered(self._stored.id, self._after + 1, event)

    def wake(self) -> None:
        """Nothing waits here."""

    def leave(self) -> None:
        """No more pages."""
        self._over = True


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
