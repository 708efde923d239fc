"""Makes a data directory ready: its files, with the tables of this release. Not here: the tables (`tables.py`).

One process at a time does this, under a lock on the directory itself. While tables are changed the files are in
rollback-journal mode: only there is one commit over both files atomic, and SQLite grants the mode only when
nobody else has the files open, which an older server that still runs would.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import apsw

from interplay.errors import Failure
from interplay.store.revisions import is_due
from interplay.store.sqlite import files, newest


def is_there(directory: Path) -> bool:
    """Whether a server's state is in the directory. Makes nothing."""
    return (directory / files.MAIN).is_file()


def prepare(directory: Path) -> None:
    """Create what is missing, migrate what is older, refuse what is newer."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _held(directory):
            files.create(directory)
            _bring_up(directory)
    except OSError as error:
        raise Failure("storage_full", f"The data directory {directory} cannot be used: {error.strerror}.") from error


@contextlib.contextmanager
def _held(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _bring_up(directory: Path) -> None:
    found = _revision(directory)
    if found is None:
        _make(directory)
    elif is_due(found, f"in {directory}"):
        _migrate(directory)


def _revision(directory: Path) -> str | None:
    with contextlib.closing(files.connect(directory)) as connection:
        if not connection.table_exists("main", "alembic_version"):
            return None
        if not connection.table_exists("events", "events"):
            raise Failure(
                "internal",
                f"{directory / files.EVENTS} does not belong to the {files.MAIN} beside it. Restore both from the "
                "same backup, or use another data directory.",
            )
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchall()[0][0])


def _make(directory: Path) -> None:
    _alone(directory)
    with contextlib.closing(files.connect(directory)) as connection:
        try:
            newest.make(connection)
        except apsw.Error as error:
            message = f"The tables in {directory} could not be made ({error}); its files are unchanged."
            raise Failure("internal", message) from error


def _migrate(directory: Path) -> None:
    _alone(directory)
    # Only here: a start with new tables, or with tables up to date, spares the half second and the memory that alembic
    # takes. No connection of apsw is open at this point; two copies of SQLite in one process undo each other's locks.
    from interplay.store.sqlite.migrate import upgrade_sqlite  # noqa: PLC0415

    upgrade_sqlite(directory / files.MAIN, directory / files.EVENTS)


def _alone(directory: Path) -> None:
    with contextlib.closing(files.connect(directory)) as connection:
        connection.set_busy_timeout(0)
        try:
            connection.pragma("journal_mode", "DELETE", schema="main")
            connection.pragma("journal_mode", "DELETE", schema="events")
        except apsw.BusyError as error:
            raise Failure(
                "internal",
                f"The tables in {directory} must be brought up to date, and another Interplay process has them open. "
                "Stop it, then start again.",
            ) from error
