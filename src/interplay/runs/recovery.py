"""After a crash: every interaction that another process start left in progress is ended visibly.

One whose log holds its terminal event had only not been written down as ended; every other is ended as failed, with
what its model had said until then.
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
from interplay.runs.log import numbered
from interplay.store.base import LoggedEvent, Store, StoredInteraction

_encode = msgspec.json.Encoder().encode
_interaction = msgspec.json.Decoder(wire.Interaction)
_event = msgspec.json.Decoder(wire.Event)


async def recover(store: Store, owner: str, clock: Clock, observe: Observer) -> None:
    """End what others left unfinished; `owner` is this process start."""
    for stored in await store.unfinished(owner):
        try:
            status = await _end(store, stored, clock)
        except (msgspec.MsgspecError, IndexError) as error:  # its log is damaged: what was accepted is all that is left
            observe(Fault(f"recovery of {stored.id}", error))
            status = await _give_up(store, stored, clock)
        observe(RunRecovered(stored.id, status))


async def _end(store: Store, stored: StoredInteraction, clock: Clock) -> str:
    folding = Folding(_interaction.decode(stored.resource))
    sequence = await _replay(store, stored.id, folding)
    if not folding.ended:
        await store.append(_last_events(folding, stored.id, sequence, clock))
    interaction = folding.interaction()
    await store.finish(stored.project, stored.id, interaction.status, _encode(interaction))
    return interaction.status


async def _give_up(store: Store, stored: StoredInteraction, clock: Clock) -> str:
    folding = Folding(_interaction.decode(stored.resource))
    _last_events(folding, stored.id, 0, clock)
    interaction = folding.interaction()
    await store.finish(stored.project, stored.id, interaction.status, _encode(interaction))
    return interaction.status


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
