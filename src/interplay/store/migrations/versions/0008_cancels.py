"""Wishes to cancel: they hold for whoever owns the interaction, another server or one that takes it over."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table of wishes."""
    op.create_table(
        "cancels",
        sa.Column("interaction", sa.Text, nullable=False),
        sa.Column("asked", sa.Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
        sa.PrimaryKeyConstraint("interaction", name="pk_cancels"),
    )
