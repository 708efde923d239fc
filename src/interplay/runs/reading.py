"""Reading the log of a run that has ended, from the store, with the same calls as a live one."""

from typing import Protocol

import msgspec

from interplay.errors import Failure, invalid
from interplay.runs.log import Entry, event_id
from interplay.store.base import Store

_PAGE = 1000


class EventReader(Protocol):
    """A follower of a log, live or ended."""

    async def next(self) -> list[Entry] | None:
        """What is new: empty when only woken, None when there will be no more."""

    def wake(self) -> None:
        """Make a waiting `next` return."""

    def leave(self) -> None:
        """Stop following; a waiting `next` returns None."""


class StoredReader:
    """Pages through the stored events of one interaction."""

    def __init__(self, store: Store, interaction: str, after: int) -> None:
        self._store = store
        self._interaction = interaction
        self._after = after
        self._left = False

    async def next(self) -> list[Entry] | None:
        """The next page."""
        if self._left:
            return None
        events = await self._store.events(self._interaction, self._after, _PAGE)
        if not events:
            return None
        self._after = events[-1].sequence
        return [Entry(event.sequence, _type.decode(event.payload).event_type, event.payload) for event in events]

    def wake(self) -> None:
        """Nothing waits here."""

    def leave(self) -> None:
        """No more pages."""
        self._left = True


class _Typed(msgspec.Struct):
    event_type: str


_type = msgspec.json.Decoder(_Typed)


def sequence_of(interaction: str, last_event_id: str | None) -> int:
    """The sequence that a cursor of this interaction stands for; 0 without a cursor.

    Raises Failure `invalid_request` for another run's cursor, or anything else.
    """
    if last_event_id is None:
        return 0
    prefix, _, digits = last_event_id.rpartition(".")
    if prefix == interaction and digits.isascii() and digits.isdigit() and len(digits) < 10:
        return int(digits)
    raise foreign_cursor(interaction, last_event_id)


def foreign_cursor(interaction: str, last_event_id: str) -> Failure:
    """The refusal of a cursor."""
    return invalid(
        f"'last_event_id' {last_event_id[:80]!r} is not an event of interaction '{interaction}'. "
        f"Expected the 'event_id' of one of its events, like '{event_id(interaction, 3)}'."
    )
