"""Makes a Postgres database ready: reached, and with the tables of this release. Not here: the tables (`tables.py`).

Several servers may start at once: the one that gets an advisory lock first changes the tables, the others wait.
"""

from typing import Final

import psycopg

from interplay.errors import Failure
from interplay.settings import SettingsError
from interplay.settings.server import database_place
from interplay.store.revisions import is_due

CONNECT_SECONDS: Final = 5
LOCK: Final = 0x496E74657270  # "Interp"
"""The advisory lock under which tables are changed."""


def is_there(address: str) -> bool:
    """Whether a server's state is in the database. Makes nothing; says what is wrong with one that cannot be used."""
    with _connected(address, database_place(address)) as connection:
        return _revision(connection) is not None


def prepare(address: str) -> None:
    """Migrate what is older, refuse what is newer; say what is wrong with a database that cannot be used."""
    database = database_place(address)
    with _connected(address, database) as connection:
        if not is_due(_revision(connection), database):
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        # Somebody else may have done it meanwhile.
        if is_due(_revision(connection), database):
            # Only here: a start with tables up to date spares the half second and the memory that alembic takes.
            from interplay.store.postgres.migrate import upgrade_postgres  # noqa: PLC0415

            upgrade_postgres(address, database)


def _connected(address: str, database: str) -> psycopg.Connection:
    try:
        return psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        said = str(error).splitlines()[0]
        raise Failure(
            "unavailable", f"The database {database} cannot be used: {said}. Start it, or correct its address."
        ) from error
    except psycopg.ProgrammingError:  # what libpq says of an address it cannot read may repeat the password
        raise SettingsError(
            f"The address of the database {database} is not valid. Expected postgresql://USER:PASSWORD@HOST:PORT/NAME, "
            "special characters of the user and the password percent-encoded."
        ) from None


def _revision(connection: psycopg.Connection) -> str | None:
    found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None
