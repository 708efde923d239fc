"""What a list of a project's interactions by time needs."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_interactions_project", "interactions", ["project", "created"])
