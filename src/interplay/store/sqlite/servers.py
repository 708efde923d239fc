"""Which owners of interactions live, as SQLite rows. One server has the files to itself: others are those before it."""

from typing import Final

import apsw

from interplay.store.interactions import StoredInteraction
from interplay.store.sqlite.files import rows
from interplay.store.sqlite.turns import stored

_NOW: Final = "unixepoch('subsec')"
LIVING: Final = f"SELECT id FROM servers WHERE seen > {_NOW} - ?"  # noqa: S608 - the constant above
"""The owners that were seen within so many seconds."""
_SEEN: Final = (
    f"INSERT INTO servers (id, started, seen) VALUES (?, {_NOW}, {_NOW})"  # noqa: S608 - the constant above
    " ON CONFLICT DO UPDATE SET seen = excluded.seen"
)
_FORGET: Final = f"DELETE FROM servers WHERE seen < {_NOW} - 86400"  # noqa: S608 - the same
_LEFT: Final = "DELETE FROM servers WHERE id = ?"
_TAKE: Final = (
    "UPDATE interactions SET owner = ? WHERE turn IN (SELECT turn FROM interactions"  # noqa: S608 - the same
    f" WHERE state = 0 AND owner <> ? AND owner NOT IN ({LIVING})"
    " AND NOT EXISTS (SELECT 1 FROM work WHERE interaction = interactions.id)"
    " ORDER BY turn LIMIT ?) RETURNING project, id, status, owner, input, resource"
)


def seen(connection: apsw.Connection, server: str) -> None:
    """This owner lives now."""
    connection.execute(_FORGET)
    connection.execute(_SEEN, (server,))


def left(connection: apsw.Connection, server: str) -> None:
    """This one does no more."""
    connection.execute(_LEFT, (server,))


def take_over(connection: apsw.Connection, server: str, silent_seconds: float, limit: int) -> list[StoredInteraction]:
    """Turns in progress whose owner is gone, and which are this one's now."""
    taken = rows(connection, _TAKE, (server, server, silent_seconds, limit))
    if taken:
        seen(connection, server)
    return [stored(row) for row in taken]
