"""The store in a Postgres database, which several servers may share.

Control writes travel together, and so do point reads, and reads of logs (`pipeline.py`); everything that takes a
while has a connection for itself. A commit waits for the database's disk, but for events.
"""

import asyncio
from collections.abc import Sequence

from interplay.store.base import Store
from interplay.store.blobs import hold
from interplay.store.interactions import Ending, LoggedEvent, NewInteraction, StoredInteraction, Turn, stored
from interplay.store.postgres import (
    events as logs,
)
from interplay.store.postgres import (
    limits,
    schema,
    turns,
    work,
)
from interplay.store.postgres.connections import Connection, Connections, rows
from interplay.store.postgres.database import PostgresDatabase, done
from interplay.store.postgres.pipeline import Pipeline
from interplay.store.postgres.signals import PostgresSignals
from interplay.store.signals import Changed, TakenAway


class PostgresStore(Store):
    """The `Store` port on Postgres. Between `open` and `close` it belongs to one event loop."""

    work: work.PostgresWork
    limits: limits.PostgresLimits
    signals: PostgresSignals
    _connections: Connections
    _writes: Pipeline
    _reads: Pipeline
    _tails: Pipeline
    """Of logs: many are read at once when a batch of events has come, and some are long."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self) -> None:
        """Create or migrate the tables where needed, then connect."""
        schema.prepare(self._address)
        self._connections = Connections(self._address)
        self._writes, self._reads, self._tails = (
            Pipeline(self._connections, reads=reads) for reads in (False, True, True)
        )
        self.signals = PostgresSignals(self._address, self._connections)
        self.work = work.PostgresWork(self._connections, self.signals.tell)
        self.limits = limits.PostgresLimits(self._connections)
        self._open_families(PostgresDatabase(self._connections, self._writes, self._reads))
        await self._connections.open()

    async def close(self) -> None:
        """Finish what is queued, then let go of every connection."""
        await asyncio.gather(self._writes.stop(), self._reads.stop(), self._tails.stop())
        await self.signals.close()
        await self._connections.close()

    # Interactions

    async def insert(self, interaction: NewInteraction) -> None:
        """Keep an accepted interaction."""
        if interaction.blobs:
            await self._connections.do(lambda own: _insert_holding(own, interaction))
            return
        found = await self._writes.do(turns.inserting(interaction))
        if interaction.previous_id is not None:
            turns.check_inserted(interaction.previous_id, found)

    async def finish(self, ending: Ending) -> bool:
        """Set the terminal status and the whole Interaction."""
        ended = await self._writes.do(turns.finishing(ending))
        if ended:
            self.signals.tell(Changed((ending.id,)))
        if ended and ended[0][0]:
            self.outbox.on_put()
        return bool(ended)

    async def get(self, project: str, id: str) -> StoredInteraction | None:
        """One interaction, or None."""
        found = await self._reads.do(turns.getting(project, id))
        return stored(found[0]) if found else None

    async def history(self, project: str, id: str) -> list[Turn]:
        """The conversation up to and including this turn."""
        return await self._connections.read(lambda own: turns.history(own, project, id))

    async def delete(self, project: str, id: str) -> bool:
        """Empty the row and remove the events in one transaction."""
        deleted = await self._connections.do(lambda own: turns.delete(own, project, id))
        if deleted:
            self.signals.tell(TakenAway((id,)))
        return deleted

    async def expire(self, now: float, limit: int = 500) -> int:
        """Delete what has expired."""
        return await self._connections.do(lambda own: turns.expire(own, now, limit))

    # Events

    async def append(self, events: Sequence[LoggedEvent], *, owner: str) -> set[str]:
        """Add to the logs."""
        interactions = {event.interaction for event in events}
        payloads = self.signals.payloads(Changed(tuple(interactions)))
        dropped = await self._connections.do(lambda own: logs.append(own, events, owner, payloads))
        if written := interactions - dropped:
            self.signals.tell_here(Changed(tuple(written)))
        return dropped

    async def events(self, interaction: str, after: int = 0, limit: int = 1000) -> list[LoggedEvent]:
        """The events with a higher sequence than `after`."""
        return logs.events(await self._tails.do(logs.reading(interaction, after, limit)))


async def _insert_holding(connection: Connection, new: NewInteraction) -> None:
    async with connection.transaction():
        statement = turns.inserting(new)
        found = await rows(connection, statement.query, statement.values)
        if new.previous_id is not None:
            turns.check_inserted(new.previous_id, found)
        # Last, as whoever deletes takes the turn before its blobs.
        await done(connection, hold(new.project, new.id, new.blobs))
