"""Reading a log from the store, with the same calls as a live one: of a run that has ended, or is another server's."""

import asyncio
import re
from contextlib import ExitStack
from typing import Protocol

import msgspec

from interplay import wire
from interplay.engine.run import summary
from interplay.engine.status import CANCELLED, NOT_ENDED, TERMINAL_EVENT
from interplay.errors import Failure, invalid, shown
from interplay.runs.log import Entry, Sink, event_id, numbered
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent, StoredInteraction
from interplay.store.signals import LOOK_SECONDS

_PAGE = 1000
_UNWRITTEN_SECONDS = 1.0
"""How long an event is waited for that another server has shown, and may not have written yet."""
_NUMBER = re.compile("[1-9][0-9]{0,8}")


class EventReader(Protocol):
    """A follower of a log, live or ended."""

    @property
    def cut(self) -> bool:
        """Whether there is no more here, though the log goes on."""

    async def next(self, sink: Sink | None = None) -> list[Entry] | None:
        """What is new: empty when only woken, None when there will be no more.

        A log that grows in this process hands what comes to the `sink` meanwhile, and does not return it then.
        """

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
        self.cut = False
        self._caught_up = False
        """Whether the last look found less than a page."""
        self._attention = store.signals.follow(stored.id)

    @classmethod
    async def open(cls, store: Store, stored: StoredInteraction, last_event_id: str | None) -> "StoredReader":
        """A reader of what is behind a cursor. Raises Failure for a cursor that is none of this interaction's."""
        after = sequence_of(stored.id, last_event_id)
        reader = cls(store, stored, after)
        with ExitStack() as undo:
            undo.callback(reader.leave)
            if after and not await reader._seen():
                raise foreign_cursor(stored.id, last_event_id or "")
            undo.pop_all()
        return reader

    async def next(self, sink: Sink | None = None) -> list[Entry] | None:  # noqa: ARG002 - nothing comes by itself
        """The next page."""
        if self._caught_up and self._goes_on():
            await self._attention.news(LOOK_SECONDS)
        if self._over:
            return None
        entries = await self._page()
        if not entries and self._stored.status in NOT_ENDED:
            await self._look()
            if self._stored.status in NOT_ENDED:
                return []
            entries = await self._page()  # all events of a run that has ended were written before
        return self._given(entries or [self._ending()])

    def wake(self) -> None:
        """Make a waiting `next` return."""
        self._attention.wake()

    def leave(self) -> None:
        """No more pages."""
        self.cut = self.cut or not self._over
        self._over = True
        self._attention.wake()
        self._attention.close()

    async def _seen(self) -> bool:
        """Whether the event of the cursor is there, which another server may have shown before it has written it."""
        until = asyncio.get_running_loop().time() + _UNWRITTEN_SECONDS
        while not (seen := await self._store.events(self._stored.id, self._after - 1, 1)):
            left = until - asyncio.get_running_loop().time()
            if not self._goes_on():
                return await self._is_the_end()
            if left <= 0:
                return False
            await self._attention.news(left)
        self._over = _entry(seen[0]).type == TERMINAL_EVENT
        return True

    async def _is_the_end(self) -> bool:
        """Whether the cursor is that of the last event, which is shown before it is written."""
        last = await self._store.events(self._stored.id, self._after - 2, 1) if self._after > 1 else []
        self._over = bool(last) and _entry(last[0]).type != TERMINAL_EVENT
        return self._over

    async def _page(self) -> list[Entry]:
        events = await self._store.events(self._stored.id, self._after, _PAGE)
        self._caught_up = len(events) < _PAGE
        return [_entry(event) for event in events]

    def _given(self, entries: list[Entry]) -> list[Entry]:
        self._after = entries[-1].sequence
        self._over = entries[-1].type == TERMINAL_EVENT
        return entries

    def _goes_on(self) -> bool:
        return not self._over and self._stored.status in NOT_ENDED

    async def _look(self) -> None:
        """What has become of a run that was going on elsewhere."""
        now = await self._store.get(self._stored.project, self._stored.id)
        self._stored = now or msgspec.structs.replace(self._stored, status=CANCELLED)  # deleted

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
