"""The log of one live run, in memory: the owner appends, any number of readers follow.

The same events go to the store (`recorder.py`); a run that has ended is read from there.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from interplay import wire

_encode = msgspec.json.Encoder().encode


_AT_ONCE: Final = 256
"""Events that a reader gets in one go."""
_ALL: Final = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One event, encoded once for everybody."""

    sequence: int
    type: str
    """The event's `event_type`."""
    payload: bytes
    """The event as JSON."""


def event_id(interaction: str, sequence: int) -> str:
    """The cursor of an event: names its interaction, so that another run's cursor is recognised."""
    return f"{interaction}.{sequence}"


def numbered(interaction: str, sequence: int, event: wire.Event) -> Entry:
    """The entry of an event, its cursor included."""
    with_id = msgspec.structs.replace(event, event_id=event_id(interaction, sequence))
    return Entry(sequence, str(event.__struct_config__.tag), _encode(with_id))


Sink = Callable[[list[Entry]], None]
"""Takes entries at once, in the time of whoever has caused them. It never raises."""


class Log:
    """An append-only list of events that can be waited for.

    Of a `durable` one, readers see what `show` has been told of: what is kept.
    """

    def __init__(self, interaction: str, entries: Sequence[Entry] = (), *, durable: bool = False) -> None:
        self._interaction = interaction
        self._entries = list(entries)
        self._shown = len(entries) if durable else _ALL
        self._readers: set[Reader] = set()
        self.closed = False
        self.cut = False

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, event: wire.Event) -> Entry:
        """Number the event and encode it; readers hear of it with the next `tell`."""
        entry = numbered(self._interaction, len(self._entries) + 1, event)
        self._entries.append(entry)
        return entry

    def tell(self) -> None:
        """Tell the readers of what was appended, unless it is to be kept first."""
        if self._shown is _ALL:
            self._wake()

    def show(self, sequence: int) -> None:
        """The events up to this one are kept."""
        self._shown = sequence
        self._wake()

    def close(self, *, cut: bool = False) -> None:
        """There will be no more here; elsewhere, if it is `cut`."""
        self.closed, self.cut = True, cut
        self._wake()

    def read(self, after: int) -> "Reader":
        """A new reader of the events with a higher sequence than `after`."""
        reader = Reader(self, after)
        self._readers.add(reader)
        return reader

    def since(self, after: int) -> list[Entry]:
        """Some of the events so far with a higher sequence than `after`: a slow reader is not handed a whole log."""
        last = after + _AT_ONCE
        return self._entries[after : last if self._shown is _ALL else min(last, self._shown)]

    def leave(self, reader: "Reader") -> None:
        """Forget a reader."""
        self._readers.discard(reader)

    def _wake(self) -> None:
        for reader in self._readers:
            reader.tell()


class Reader:
    """One follower of a log. `wake` makes a waiting `next` return, be there news or not."""

    def __init__(self, log: Log, after: int) -> None:
        self._log = log
        self._after = after
        self._left = False
        self._waiting: asyncio.Future[None] | None = None
        self._sink: Sink | None = None

    async def next(self, sink: Sink | None = None) -> list[Entry] | None:
        """What is new since the last call: empty when only woken, None when there will be no more.

        While it waits, a `sink` is handed what comes, which is then not returned any more.
        """
        if not self._news() and not self._over():
            self._waiting, self._sink = asyncio.get_running_loop().create_future(), sink
            try:
                await self._waiting
            finally:
                self._waiting = self._sink = None
        entries = self._news()
        if not entries and self._over():
            return None
        self._after += len(entries)
        return entries

    def wake(self) -> None:
        """Make a waiting `next` return."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def tell(self) -> None:
        """Hand what is new to the sink of a waiting `next`, or make it return."""
        waiting = self._waiting
        if waiting is None or waiting.done():
            return
        if self._sink is None or self._over():
            waiting.set_result(None)
        else:
            while (entries := self._news()) and not waiting.done():
                self._after += len(entries)
                self._sink(entries)

    @property
    def cut(self) -> bool:
        """Whether the log goes on elsewhere."""
        return self._log.cut

    def leave(self) -> None:
        """Stop following; a waiting `next` returns None."""
        self._left = True
        self._log.leave(self)
        self.wake()

    def _news(self) -> list[Entry]:
        return [] if self._left else self._log.since(self._after)

    def _over(self) -> bool:
        return self._left or self._log.closed
