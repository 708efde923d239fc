"""What a list of a project's interactions by time needs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index. Deleted interactions that others go on from are not in it."""
    condition = sa.text("state < 2")
    op.create_index(
        "ix_interactions_project",
        "interactions",
        ["project", "created", "id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
