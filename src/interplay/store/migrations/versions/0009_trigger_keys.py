"""Whose triggers are, and which of their starts were put off."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns."""
    key = sa.Column("key", sa.Text, nullable=False, server_default="", comment="The API key that made it.")
    op.add_column("triggers", key)
    tried = sa.Column("tried", sa.Double, comment="When its start was last put off; none before.")
    op.add_column("trigger_executions", tried)
