"""Brings a pair of SQLite files to the newest revision. To be imported only when that is due, as `store/migrate.py`.

python -m interplay.store.sqlite.migrate     writes `newest.sql` anew, after a revision was added
"""

import contextlib
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from interplay.errors import Failure
from interplay.store.migrate import upgrade
from interplay.store.sqlite import files, newest


def upgrade_sqlite(main: Path, events: Path) -> None:
    """Run every revision that is missing, in one transaction over both files: all of it or nothing."""
    engine = engine_over(main, events)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except sa.exc.DatabaseError as error:
        raise Failure(
            "internal",
            f"The tables in {main.parent} could not be brought up to date ({error.orig}); they are unchanged.",
        ) from error
    finally:
        engine.dispose()


def engine_over(main: Path, events: Path) -> sa.Engine:
    """An engine over both files whose transactions hold the write lock from their first statement."""
    engine = sa.create_engine("sqlite://", creator=lambda: _connect(main, events), poolclass=sa.NullPool)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _connect(main: Path, events: Path) -> sqlite3.Connection:
    # Without the driver's own transactions, which would end before the first CREATE TABLE.
    connection = sqlite3.connect(main, isolation_level=None)
    connection.execute("ATTACH ? AS events", (str(events),))
    return connection


def _begin(connection: sa.Connection) -> Any:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def newest_script() -> str:
    """The script that makes what the migrations lead to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files.create(folder)
        upgrade_sqlite(folder / files.MAIN, folder / files.EVENTS)
        with contextlib.closing(files.connect(folder)) as connection:
            return newest.script(connection)


if __name__ == "__main__":
    newest.SCRIPT.write_text(newest_script())
