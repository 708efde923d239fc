"""The first tables: interactions in branches, events, projects, keys and secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From nothing to the first tables."""
    _interactions()
    _branches()
    _projects_and_keys()
    _secrets()
    _events()


def _interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("turn", NUMBER, nullable=False, comment="Numbers the rows; never leaves the store."),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("branch", NUMBER, nullable=False, comment="The number of the branch's first turn."),
        sa.Column("depth", sa.Integer, nullable=False, comment="How many turns lie before this one."),
        sa.Column("state", sa.SmallInteger, nullable=False, comment="0 in progress, 1 ended, 2 erasing, 3 erased."),
        sa.Column("status", sa.Text, nullable=False, comment="The wire's word; the store does not interpret it."),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("input", sa.LargeBinary, nullable=False),
        sa.Column("resource", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("turn", name="pk_interactions"),
        sa.UniqueConstraint("branch", "depth", name="uq_interactions_branch"),
        sa.CheckConstraint("state BETWEEN 0 AND 3", name="ck_interactions_state"),
        sa.UniqueConstraint("id", name="uq_interactions_id"),
    )
    _index("in_progress", "owner", "state = 0")
    _index("ended", "expires", "state = 1")
    _index("erasing", "turn", "state = 2")


def _index(name: str, column: str, where: str) -> None:
    condition = sa.text(where)
    name = f"ix_interactions_{name}"
    op.create_index(name, "interactions", [column], sqlite_where=condition, postgresql_where=condition)


def _branches() -> None:
    op.create_table(
        "branches",
        sa.Column("branch", NUMBER, nullable=False, autoincrement=False),
        sa.Column("parent", NUMBER, nullable=False),
        sa.Column(
            "fork", sa.Integer, nullable=False, comment="The depth of the parent's turn that this branch goes on from."
        ),
        sa.PrimaryKeyConstraint("branch", name="pk_branches"),
    )
    op.create_index("ix_branches_parent", "branches", ["parent", "fork"])


def _projects_and_keys() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256 of the key; the key is not kept."),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("revoked", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("digest", name="uq_keys_digest"),
    )


def _secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def _events() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA IF NOT EXISTS events")
    op.create_table(
        "events",
        sa.Column("interaction", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("interaction", "sequence", name="pk_events"),
        schema="events",
        sqlite_with_rowid=False,
    )
