"""Events as Postgres rows. A batch of them does not wait for the disk: it survives this process, not a power cut."""

from collections.abc import Sequence
from typing import Final

from interplay.store.base import LoggedEvent
from interplay.store.postgres_connections import Connection, rows
from interplay.store.postgres_turns import text

_FAST: Final = "SET LOCAL synchronous_commit = off"
_APPEND: Final = (
    # Whoever deletes one of them waits for this, and then deletes these events too.
    "WITH there AS (SELECT id FROM interactions WHERE id = ANY(%(ids)s) AND state < 2 ORDER BY id FOR SHARE) "
    "INSERT INTO events.events (interaction, sequence, attempt, payload)"
    " SELECT interaction, sequence, attempt, payload FROM unnest("
    " %(interactions)s::text[], %(sequences)s::int[], %(attempts)s::int[], %(payloads)b::bytea[])"
    " AS new (interaction, sequence, attempt, payload) JOIN there ON there.id = interaction"
)
_EVENTS: Final = (
    "SELECT interaction, sequence, payload, attempt FROM events.events"
    " WHERE interaction = %s AND sequence > %s ORDER BY sequence LIMIT %s"
)


async def append(connection: Connection, events: Sequence[LoggedEvent]) -> None:
    """Add events, but not of an interaction that is deleted: its run may not know yet, and deleted means gone."""
    values = {
        "ids": list({event.interaction for event in events}),
        "interactions": [event.interaction for event in events],
        "sequences": [event.sequence for event in events],
        "attempts": [event.attempt for event in events],
        "payloads": [event.payload for event in events],
    }
    async with connection.pipeline(), connection.transaction():
        await connection.execute(_FAST)
        await rows(connection, _APPEND, values)


async def events(connection: Connection, interaction: str, after: int, limit: int) -> list[LoggedEvent]:
    """The next events of a log."""
    found = await rows(connection, _EVENTS, (text(interaction), after, limit))
    return [LoggedEvent(*row) for row in found]
