"""Who adds to the usage, and what is counted for limits."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "usage_added",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("project", "key", "model")),
        sa.Column("day", sa.Text, nullable=False, comment="In UTC, 2026-11-27."),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("interactions", "input", "cached", "output", "thought")),
    )
    op.create_table(
        "usage_writers",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False, comment="Of its last batch."),
        sa.Column("written", sa.Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
        sa.PrimaryKeyConstraint("id", name="pk_usage_writers"),
    )
    op.create_table(
        "limits",
        sa.Column("name", sa.Text, nullable=False, comment="A project or a key."),
        sa.Column("counted", sa.LargeBinary, nullable=False, comment="JSON: the last minute, and what runs where."),
        sa.PrimaryKeyConstraint("name", name="pk_limits"),
    )
