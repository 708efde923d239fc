"""Ending an interaction that no run of this server answers: what a crash left, or what was waiting.

One whose log holds its terminal event had only not been written down as ended; every other gets the end that is asked
for, behind what its model had said until then. Each recovery takes over under a name of its own, so that two cannot end
the same one, and what a recovery that dies itself has taken is taken by the next. Background work is not ended: it goes
back to where it waited, and is gone on with (`background.py`).
"""

import msgspec

from interplay.clock import Clock, timestamp
from interplay.engine.closing import closing
from interplay.engine.run import summary
from interplay.engine.status import CANCELLED, FAILED
from interplay.errors import Failure
from interplay.observe import Fault, Observer, RunRecovered
from interplay.runs.ending import ending
from interplay.runs.log import numbered
from interplay.runs.replay import DAMAGED, Replay, replay, untouched
from interplay.store.base import Store
from interplay.store.interactions import LoggedEvent, StoredInteraction


class End(msgspec.Struct, frozen=True):
    """How it shall end."""

    status: str
    failure: Failure | None = None


UNWANTED = End(CANCELLED)
DIED = End(FAILED, Failure("unavailable", "The server stopped while it answered. Send the request again."))


async def recover(store: Store, owner: str, silent_seconds: float, clock: Clock, observe: Observer) -> None:
    """End what was left by servers that were not seen for so long; `owner` is the fresh name of this recovery."""
    await store.work.requeue(silent_seconds)
    taken = await store.take_over(owner, silent_seconds)
    if not taken:
        return
    while taken:
        unwanted = {each.id for each in await store.in_progress.owned(owner) if each.cancel_asked}
        for stored in taken:
            how = UNWANTED if stored.id in unwanted else DIED
            if (status := await end(store, stored, how, clock, observe)) is not None:
                observe(RunRecovered(stored.id, status))
        taken = await store.take_over(owner, silent_seconds)
    await store.left(owner)


async def end(store: Store, stored: StoredInteraction, how: End, clock: Clock, observe: Observer) -> str | None:
    """End it in the store, as its owner; the status. None when it was deleted meanwhile, or is another owner's."""
    try:
        read = await replay(store, stored)
        if not read.folding.ended:
            await store.append(_last_events(read, stored.id, how, clock), owner=stored.owner)
    except DAMAGED as error:  # what was accepted is all that is left
        observe(Fault(f"log of {stored.id}", error))
        read = untouched(stored)
        _last_events(read, stored.id, how, clock)
    interaction = read.folding.interaction()
    ended = await store.finish(ending(stored.project, interaction, stored.owner))
    return interaction.status if ended else None


def _last_events(read: Replay, id: str, how: End, clock: Clock) -> list[LoggedEvent]:
    last = summary(read.folding.interaction(), status=how.status, updated=timestamp(clock()))
    logged = []
    for number, event in enumerate(closing(last, read.folding.open_step, how.failure), read.sequence + 1):
        read.folding.add(event)
        logged.append(LoggedEvent(id, number, numbered(id, number, event).payload))
    return logged
