"""Brings a Postgres database to the newest revision. To be imported only when that is due, as `store/migrate.py`."""

import psycopg
import sqlalchemy as sa

from interplay.errors import Failure
from interplay.store.migrate import upgrade


def upgrade_postgres(address: str, database: str) -> None:
    """Run every revision that is missing, in one transaction. The caller holds the lock."""
    engine = engine_over(address)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except sa.exc.DatabaseError as error:
        said = " ".join(str(error.orig).split())
        raise Failure(
            "internal", f"The tables in {database} could not be brought up to date ({said}); they are unchanged."
        ) from error
    finally:
        engine.dispose()


def engine_over(address: str) -> sa.Engine:
    """An engine over one database."""
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=sa.NullPool)
