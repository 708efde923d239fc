"""Which servers live: several may share a database, and one that dies leaves runs to the others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table of servers."""
    op.create_table(
        "servers",
        sa.Column("id", sa.Text, nullable=False, comment="An owner of interactions: one start of a server."),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("seen", sa.Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
        sa.PrimaryKeyConstraint("id", name="pk_servers"),
    )
