"""Events as SQLite rows. Not here: transactions and threads (`writer.py`)."""

from collections.abc import Sequence
from typing import Final

import apsw

from interplay.store.interactions import LoggedEvent
from interplay.store.sqlite.files import rows

_THERE: Final = "SELECT 1 FROM interactions WHERE id = ? AND owner = ? AND state < 2"
_APPEND: Final = "INSERT INTO events (interaction, sequence, attempt, payload) VALUES (?, ?, ?, ?)"
_EVENTS: Final = (
    "SELECT interaction, sequence, payload, attempt FROM events.events"
    " WHERE interaction = ? AND sequence > ? ORDER BY sequence LIMIT ?"
)
_ERASE: Final = "DELETE FROM events WHERE interaction = ?"


def append(connection: apsw.Connection, main: apsw.Connection, events: Sequence[LoggedEvent], owner: str) -> set[str]:
    """Add events, but not of an interaction that is deleted or another's: its run may not know yet. Which these are.

    `main` reads the other file. It sees every deletion whose `erase` came before this job, and what this job adds in
    spite of a later one, that one's `erase` removes: both run on this thread, one after the other.
    """
    asked = {event.interaction for event in events}
    there = {each for each in asked if rows(main, _THERE, (each, owner))}
    connection.executemany(
        _APPEND,
        [
            (event.interaction, event.sequence, event.attempt, event.payload)
            for event in events
            if event.interaction in there
        ],
    )
    return asked - there


def events(connection: apsw.Connection, interaction: str, after: int, limit: int) -> list[LoggedEvent]:
    """The next events of a log."""
    return [LoggedEvent(*row) for row in rows(connection, _EVENTS, (interaction, after, limit))]


def erase(connection: apsw.Connection, interactions: Sequence[str]) -> None:
    """Remove whole logs."""
    connection.executemany(_ERASE, [(each,) for each in interactions])
