"""The revisions of the tables, and whether a database must be brought to the newest. Not here: how (`migrate.py`)."""

from typing import Final

from interplay.errors import Failure

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""Every revision of the tables, oldest first. Kept here so that a start can compare without importing alembic."""


def is_due(found: str | None, database: str) -> bool:
    """Whether a database with this revision must be migrated. Raises Failure when its revision is a newer release's."""
    if found is not None and found not in REVISIONS:
        raise Failure(
            "internal",
            f"The database {database} has schema revision {found}, and this release of Interplay knows revisions up to "
            f"{REVISIONS[-1]}. Install the newer release that wrote it, or use another database.",
        )
    return found != REVISIONS[-1]
