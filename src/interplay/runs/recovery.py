"""After a crash: every interaction that a server which is gone left in progress is ended visibly.

One whose log holds its terminal event had only not been written down as ended; every other is ended as failed, with
what its model had said until then. Each recovery takes them over under a name of its own, so that two cannot end the
same one, and what a recovery that dies itself has taken is taken by the next.
"""

import msgspec

from interplay import wire
from interplay.clock import Clock, timestamp
from interplay.engine.closing import closing
from interplay.engine.fold import Folding
from interplay.engine.run import summary
from interplay.engine.status import FAILED
from interplay.errors import Failure
from interplay.observe import Fault, Observer, RunRecovered
from interplay.runs.ending import ending
from interplay.runs.log import numbered
from interplay.store.base import LoggedEvent, Store, StoredInteraction

_interaction = msgspec.json.Decoder(wire.Interaction)
_event = msgspec.json.Decoder(wire.Event)


async def recover(store: Store, owner: str, silent_seconds: float, clock: Clock, observe: Observer) -> None:
    """End what was left by servers that were not seen for so long; `owner` is the fresh name of this recovery."""
    taken = await store.take_over(owner, silent_seconds)
    if not taken:
        return
    while taken:
        for stored in taken:
            await _recover(store, stored, clock, observe)
        taken = await store.take_over(owner, silent_seconds)
    await store.left(owner)


async def _recover(store: Store, stored: StoredInteraction, clock: Clock, observe: Observer) -> None:
    try:
        ended = await _end(store, stored, clock)
    except (msgspec.MsgspecError, IndexError) as error:  # its log is damaged: what was accepted is all that is left
        observe(Fault(f"recovery of {stored.id}", error))
        ended = await _give_up(store, stored, clock)
    if ended is not None:
        observe(RunRecovered(stored.id, ended))


async def _end(store: Store, stored: StoredInteraction, clock: Clock) -> str | None:
    folding = Folding(_interaction.decode(stored.resource))
    sequence = await _replay(store, stored.id, folding)
    if not folding.ended:
        await store.append(_last_events(folding, stored.id, sequence, clock), owner=stored.owner)
    return await _finish(store, stored, folding)


async def _give_up(store: Store, stored: StoredInteraction, clock: Clock) -> str | None:
    folding = Folding(_interaction.decode(stored.resource))
    _last_events(folding, stored.id, 0, clock)
    return await _finish(store, stored, folding)


async def _finish(store: Store, stored: StoredInteraction, folding: Folding) -> str | None:
    """The status; None when it was deleted meanwhile, or taken over from this recovery."""
    interaction = folding.interaction()
    ended = await store.finish(ending(stored.project, interaction, stored.owner))
    return interaction.status if ended else None


async def _replay(store: Store, id: str, folding: Folding) -> int:
    """Fold the stored log; the last sequence."""
    sequence = 0
    while events := await store.events(id, sequence):
        for event in events:
            folding.add(_event.decode(event.payload))
        sequence = events[-1].sequence
    return sequence


def _last_events(folding: Folding, id: str, sequence: int, clock: Clock) -> list[LoggedEvent]:
    failure = Failure("unavailable", "The server stopped while it answered. Send the request again.")
    last = summary(folding.interaction(), status=FAILED, updated=timestamp(clock()))
    logged = []
    for number, event in enumerate(closing(last, folding.open_step, failure), sequence + 1):
        folding.add(event)
        logged.append(LoggedEvent(id, number, numbered(id, number, event).payload))
    return logged
