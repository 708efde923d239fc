"""The log of an interaction as it stands in the store, read from its beginning."""

from typing import Final

import msgspec

from interplay import wire
from interplay.engine.fold import Folding
from interplay.runs.log import Entry
from interplay.store.base import Store
from interplay.store.interactions import StoredInteraction

_interaction = msgspec.json.Decoder(wire.Interaction)
_event = msgspec.json.Decoder(wire.Event)


DAMAGED: Final = (msgspec.MsgspecError, IndexError)
"""What is raised for a log that does not fold."""


class Replay(msgspec.Struct, frozen=True):
    """What earlier attempts have shown."""

    folding: Folding
    entries: list[Entry]

    @property
    def sequence(self) -> int:
        """Number of the last event."""
        return len(self.entries)


def accepted(stored: StoredInteraction) -> wire.Interaction:
    """The interaction as it was accepted, of one that has not ended."""
    return _interaction.decode(stored.resource)


def untouched(stored: StoredInteraction) -> Replay:
    """The same without its log."""
    return Replay(Folding(accepted(stored)), [])


async def replay(store: Store, stored: StoredInteraction) -> Replay:
    """The fold and the events. Raises one of `DAMAGED` for a log that does not fold."""
    read = untouched(stored)
    while events := await store.events(stored.id, read.sequence):
        for each in events:
            event = _event.decode(each.payload)
            read.folding.add(event)
            read.entries.append(Entry(each.sequence, str(event.__struct_config__.tag), each.payload))
    return read
