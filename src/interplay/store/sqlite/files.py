"""The SQLite files of a data directory, connections to them, and what their errors mean. Not here: what is in them."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import apsw

from interplay.errors import Failure
from interplay.store.database import Taken

MAIN: Final = "app.db"
"""Interactions, projects, keys: every commit reaches the disk."""
EVENTS: Final = "events.db"
"""The events: a commit survives the death of the process, and reaches the disk a little later."""

_BUSY_MILLISECONDS: Final = 10_000
"""To wait for another process (`interplay keys create`) that is writing."""

Value = str | bytes | int | float | None
Values = tuple[Value, ...] | Mapping[str, Value]


def create(directory: Path) -> None:
    """Create the files that are not there, for this user only; SQLite gives its side files the same mode."""
    for name in (MAIN, EVENTS):
        # An existing file must not even be opened: closing it again would drop all of this process's locks on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(directory / name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def connect(directory: Path) -> apsw.Connection:
    """A connection to both files."""
    connection = _connect(directory / MAIN)
    connection.execute("ATTACH ? AS events", (str(directory / EVENTS),))
    return connection


def reader(directory: Path) -> apsw.Connection:
    """A connection to both files that writes nothing."""
    connection = connect(directory)
    connection.pragma("query_only", True)
    return connection


def writer(directory: Path, name: str, synchronous: str) -> apsw.Connection:
    """The connection that writes one of the files."""
    connection = _connect(directory / name)
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", synchronous)
    # Deleted means gone, not left in a free page.
    connection.pragma("secure_delete", True)
    # After a burst the log gives its room back.
    connection.pragma("journal_size_limit", 64 << 20)
    return connection


def rows(connection: apsw.Connection, query: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """All rows at once: a statement that is not run to its end would hold its snapshot, and the log would grow."""
    return connection.execute(query, values).fetchall()


def as_failure(error: Exception) -> Exception:
    """The failure behind a database error; anything else, as errors in our own SQL, unchanged."""
    match error:
        case apsw.FullError() | apsw.IOError() | apsw.ReadOnlyError() | apsw.CantOpenError():
            return Failure(
                "storage_full",
                f"The server could not use its disk ({error}). Make room on the server, then send the request again.",
            )
        case apsw.BusyError() | apsw.LockedError():
            return Failure("unavailable", f"Another process holds the server's database ({error}). Try again.")
        case apsw.ConstraintError() if str(error).startswith("UNIQUE"):
            return Taken("internal", f"The store already has such a row ({error}).")
        case apsw.ConstraintError():
            return Failure("internal", f"The store may not have such a row ({error}).")
        case apsw.CorruptError() | apsw.NotADBError():
            return Failure("internal", f"The server's database is damaged ({error}). Restore it from a backup.")
        case _:
            return error


def forget(connection: apsw.Connection) -> bool:
    """Empty the logs into the files, so that what was deleted is not in an old page of a log either.

    False when somebody was reading one of them, so that it has to be done again.
    """
    truncated = [_truncated(connection, name) for name in ("main", "events")]
    return all(truncated)


def _truncated(connection: apsw.Connection, name: str) -> bool:
    try:
        connection.wal_checkpoint(name, mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return False
    return True


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.pragma("temp_store", "MEMORY")
    return connection
