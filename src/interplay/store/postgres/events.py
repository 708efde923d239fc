"""Events as Postgres rows. A batch of them does not wait for the disk: it survives this process, not a power cut."""

from collections.abc import Sequence
from typing import Final

from interplay.store.interactions import LoggedEvent
from interplay.store.postgres.connections import Connection, rows, text
from interplay.store.postgres.payloads import FAST, NOTIFY
from interplay.store.postgres.pipeline import Rows, Statement

_APPEND: Final = (
    # All in one statement: a process that is paused between two would hold the rows for as long as it is.
    f"WITH fast AS (SELECT {FAST} AS value), "  # noqa: S608 - a constant
    # Whoever deletes one of them waits for this, and then deletes these events too; so does whoever takes one over.
    "there AS (SELECT id FROM interactions"
    " WHERE id = ANY(%(ids)s) AND owner = %(owner)s AND state < 2 ORDER BY id FOR SHARE), "
    "written AS (INSERT INTO events.events (interaction, sequence, attempt, payload)"
    " SELECT interaction, sequence, attempt, payload FROM unnest("
    " %(interactions)s::text[], %(sequences)s::int[], %(attempts)s::int[], %(payloads)b::bytea[])"
    " AS new (interaction, sequence, attempt, payload) JOIN there ON there.id = interaction) "
    f"SELECT (SELECT value FROM fast), ({NOTIFY}), array_agg(id) FROM there"
)
_EVENTS: Final = (
    "SELECT interaction, sequence, payload, attempt FROM events.events"
    " WHERE interaction = %s AND sequence > %s ORDER BY sequence LIMIT %s"
)


async def append(
    connection: Connection, events: Sequence[LoggedEvent], owner: str, payloads: Sequence[str]
) -> set[str]:
    """Add events, but not of an interaction that is deleted or another's: its run may not know yet. Which these are.

    The payloads are sent to whoever listens, at once with the events.
    """
    asked = {event.interaction for event in events}
    values = {
        "owner": owner,
        "ids": list(asked),
        "interactions": [event.interaction for event in events],
        "sequences": [event.sequence for event in events],
        "attempts": [event.attempt for event in events],
        "payloads": [event.payload for event in events],
        "told": list(payloads),
    }
    *_, there = (await rows(connection, _APPEND, values))[0]
    return asked - set(there or ())


def reading(interaction: str, after: int, limit: int) -> Statement:
    """The next events of a log, for `events`."""
    return Statement(_EVENTS, (text(interaction), after, limit))


def events(found: Rows) -> list[LoggedEvent]:
    """The rows of `reading`."""
    return [LoggedEvent(*row) for row in found]
