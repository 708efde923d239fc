"""Brings a database to the newest revision with alembic. Not here: whether that is due (`revisions.py`).

Import it only when it is: alembic and SQLAlchemy cost half a second and 30 MB, and a start with tables up to date
needs neither. The same holds for `sqlite/migrate.py` and `postgres/migrate.py`, which connect.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

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
