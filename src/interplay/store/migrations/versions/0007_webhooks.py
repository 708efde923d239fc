"""Webhooks, and what is to be sent to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables."""
    _webhooks()
    _deliveries()


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False, comment="Types between spaces, with one at both ends."),
        sa.Column("state", sa.Text, nullable=False, comment="The wire's word."),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False, comment="What it signs with, JSON, the newest first."),
        sa.Column("healthy", sa.Double, nullable=False, comment="When it last took a notice, or was enabled."),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_project", "webhooks", ["project", "created", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, nullable=False, comment="Of the message, over all tries."),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("webhook", sa.Text, comment="None where the request named its own receiver."),
        sa.Column("uri", sa.Text, comment="The request's own receiver; a webhook's is its own to change."),
        sa.Column(
            "lane", sa.Text, nullable=False, comment="What a receiver that hangs holds up: its webhook, or its host."
        ),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False, comment="0 to be sent, 1 given up."),
        sa.Column("created", sa.Double, nullable=False, comment="All times by the database's clock."),
        sa.Column("due", sa.Double, nullable=False, comment="Not before; when it was given up."),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text, nullable=False, comment="The server that is sending it until it is due again."),
        sa.Column("reason", sa.Text, nullable=False, comment="Why the last try failed."),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.CheckConstraint("state BETWEEN 0 AND 1", name="ck_deliveries_state"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "due"])
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook"])
