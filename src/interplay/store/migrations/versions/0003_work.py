"""Work that outlives its server, and what each key has used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables of work and of usage, and say who asked for an interaction."""
    key = sa.Column("key", sa.Text, nullable=False, server_default="", comment="The API key that asked.")
    with op.batch_alter_table("interactions") as interactions:
        interactions.add_column(key)
    _work()
    _usage()


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("interaction", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("tier", sa.SmallInteger, nullable=False, comment="0 goes before 1 goes before 2."),
        sa.Column("ticket", NUMBER, nullable=False, comment="The order within a tier, fair between projects."),
        sa.Column("enqueued", sa.Double, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False, comment="0 waiting, 1 given out."),
        sa.Column("attempts", sa.Integer, nullable=False, comment="How often it was given out."),
        sa.Column("deaths", sa.Integer, nullable=False, comment="How often the server that had it died."),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("interaction", name="pk_work"),
        sa.CheckConstraint("state BETWEEN 0 AND 1", name="ck_work_state"),
    )
    waiting = sa.text("state = 0")
    order = ["tier", "ticket", "enqueued"]
    op.create_index("ix_work_waiting", "work", order, sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_work_project", "work", ["project", "tier", "ticket"])


def _usage() -> None:
    names = ("project", "key", "model")
    counts = ("interactions", "input", "cached", "output", "thought")
    op.create_table(
        "usage",
        *(sa.Column(name, sa.Text, nullable=False) for name in names),
        sa.Column("day", sa.Text, nullable=False, comment="In UTC, 2026-11-27."),
        *(sa.Column(name, NUMBER, nullable=False) for name in counts),
        sa.PrimaryKeyConstraint(*names, "day", name="pk_usage"),
    )
