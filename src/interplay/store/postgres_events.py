"""Events as Postgres rows. A batch of them does not wait for the disk: it survives this process, not a power cut."""

from collections.abc import Sequence
from typing import Final

from interplay.store.base import LoggedEvent
from interplay.store.postgres_connections import Connection, rows, text

_FAST: Final = "SET LOCAL synchronous_commit = off"
_APPEND: Final = (
    # Whoever deletes one of them waits for this, and then deletes these events too; so does whoever takes one over.
    "WITH there AS (SELECT id FROM interactions"
    " WHERE id = ANY(%(ids)s) AND owner = %(owner)s AND state < 2 ORDER BY id FOR SHARE), "
    "written AS (INSERT INTO events.events (interaction, sequence, attempt, payload)"
    " SELECT interaction, sequence, attempt, payload FROM unnest("
    " %(interactions)s::text[], %(sequences)s::int[], %(attempts)s::int[], %(payloads)b::bytea[])"
    " AS new (interaction, sequence, attempt, payload) JOIN there ON there.id = interaction) "
    "SELECT id FROM there"
)
_EVENTS: Final = (
    "SELECT interaction, sequence, payload, attempt FROM events.events"
    " WHERE interaction = %s AND sequence > %s ORDER BY sequence LIMIT %s"
)


async def append(connection: Connection, events: Sequence[LoggedEvent], owner: str) -> set[str]:
    """Add events, but not of an interaction that is deleted or another's: its run may not know yet. Which these are."""
    asked = {event.interaction for event in events}
    values = {
        "owner": owner,
        "ids": list(asked),
        "interactions": [event.interaction for event in events],
        "sequences": [event.sequence for event in events],
        "attempts": [event.attempt for event in events],
        "payloads": [event.payload for event in events],
    }
    async with connection.pipeline(), connection.transaction():
        await connection.execute(_FAST)
        written = await connection.execute(_APPEND.encode(), values, binary=True)
    return asked - {row[0] for row in await written.fetchall()}


async def events(connection: Connection, interaction: str, after: int, limit: int) -> list[LoggedEvent]:
    """The next events of a log."""
    found = await rows(connection, _EVENTS, (text(interaction), after, limit))
    return [LoggedEvent(*row) for row in found]
