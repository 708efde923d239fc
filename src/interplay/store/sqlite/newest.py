"""The newest tables as one script, for files that have none yet: what the migrations lead to, without alembic.

`python -m interplay.store.sqlite.migrate` writes the script anew, after a revision was added.
"""

from pathlib import Path
from typing import Final

import apsw

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


def _tidy(statement: str) -> str:
    return "\n".join(line.replace("\t", "  ").rstrip() for line in statement.strip().splitlines())
