"""Brings a database to the newest revision with alembic. Not here: whether that is due (`schema.py`).

Import it only when it is: alembic and SQLAlchemy cost half a second and 30 MB, and a start with tables up to date
needs neither.
"""

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from interplay.errors import Failure

_SCRIPTS = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration, without a file."""
    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Run every revision up to this one that this database does not have yet."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def upgrade_sqlite(main: Path, events: Path) -> None:
    """The same for a pair of SQLite files, in one transaction over both: all of it or nothing."""
    engine = sqlite_engine(main, events)
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


def sqlite_engine(main: Path, events: Path) -> sa.Engine:
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
