"""Triggers and their executions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables of triggers and of executions."""
    _triggers()
    _executions()


def _triggers() -> None:
    op.create_table(
        "triggers",
        *(_text(name) for name in ("id", "project", "schedule", "time_zone", "display_name")),
        sa.Column("interaction", sa.LargeBinary, nullable=False),
        sa.Column("timeout", sa.Integer, nullable=False, comment="Seconds."),
        sa.Column("most_failures", sa.Integer, nullable=False),
        _text("status"),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.Column("next", sa.Double, comment="When it is due; none while it is not active."),
        sa.Column("failures", sa.Integer, nullable=False, comment="In a row."),
        *(sa.Column(name, sa.Double) for name in ("last_run", "last_pause", "last_resume")),
        sa.Column("last_interaction", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_triggers"),
    )
    op.create_index("ix_triggers_project", "triggers", ["project", "created", "id"])
    _index("ix_triggers_next", "triggers", "next", "next IS NOT NULL")


def _executions() -> None:
    table = "trigger_executions"
    op.create_table(
        table,
        sa.Column("id", sa.Text, nullable=False, comment="Made of the trigger and the moment that it was due."),
        *(_text(name) for name in ("project", "trigger", "status")),
        sa.Column("interaction", sa.Text, nullable=False, comment="Chosen before it is started."),
        sa.Column("owner", sa.Text, nullable=False, comment="The server that recorded it."),
        sa.Column("timeout", sa.Integer, nullable=False, comment="Seconds."),
        sa.Column("created", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("scheduled", "started", "ended")),
        _text("error"),
        sa.PrimaryKeyConstraint("id", name="pk_trigger_executions"),
    )
    op.create_index("ix_trigger_executions_trigger", table, ["trigger", "created", "id"])
    _index("uq_trigger_executions_in_progress", table, "trigger", "status = 'in_progress'", unique=True)
    _index("ix_trigger_executions_ended", table, "ended", "ended IS NOT NULL")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _index(name: str, table: str, column: str, where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], unique=unique, sqlite_where=condition, postgresql_where=condition)
