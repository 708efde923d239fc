"""The newest tables as one script, for files that have none yet; what the migrations lead to, without alembic.

python -m interplay.store.sqlite.newest     writes `newest.sql` anew, after a revision was added
"""

import contextlib
import tempfile
from pathlib import Path
from typing import Final

import apsw

from interplay.store.sqlite import files

SCRIPT: Final = Path(__file__).with_name("newest.sql")

_TABLES: Final = "SELECT sql FROM {}.sqlite_master WHERE sql > '' ORDER BY rowid"
_REVISION: Final = "SELECT version_num FROM alembic_version"


def make(connection: apsw.Connection) -> None:
    """Make the tables in both files of a connection, in one transaction: all of them or none."""
    connection.execute(f"BEGIN IMMEDIATE; {SCRIPT.read_text()} COMMIT")


def script(connection: apsw.Connection) -> str:
    """The script that makes the tables which these files have."""
    main, events = (
        [str(sql) for (sql,) in connection.execute(_TABLES.format(name)).fetchall()] for name in ("main", "events")
    )
    events = [sql.replace("CREATE TABLE ", "CREATE TABLE events.", 1) for sql in events]
    ((revision,),) = connection.execute(_REVISION).fetchall()
    statements = [*main, *events, f"INSERT INTO alembic_version VALUES ('{revision}')"]  # noqa: S608 - one of ours
    return "".join(f"{_tidy(statement)};\n\n" for statement in statements)


def migrated() -> str:
    """The script that the migrations lead to."""
    from interplay.store.sqlite.migrate import upgrade_sqlite  # noqa: PLC0415 - a start needs no alembic

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files.create(folder)
        upgrade_sqlite(folder / files.MAIN, folder / files.EVENTS)
        with contextlib.closing(files.connect(folder)) as connection:
            return script(connection)


def _tidy(statement: str) -> str:
    return "\n".join(line.replace("\t", "  ").rstrip() for line in statement.strip().splitlines())


if __name__ == "__main__":
    SCRIPT.write_text(migrated())
