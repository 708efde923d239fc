"""Blobs, whose bytes are elsewhere, and the interactions that hold them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables of blobs and of references to them."""
    op.create_table(
        "blobs",
        sa.Column("name", sa.Text, nullable=False, comment="What the bytes are written under; used once."),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the bytes, in hexadecimal digits."),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False, comment="0 writing, 1 kept, 2 removing."),
        sa.Column(
            "due", sa.Double, comment="When to look whether anybody holds it; absent while somebody was seen to."
        ),
        sa.PrimaryKeyConstraint("name", name="pk_blobs"),
        sa.CheckConstraint("state BETWEEN 0 AND 2", name="ck_blobs_state"),
    )
    op.create_index("ix_blobs_due", "blobs", ["due"])
    kept = sa.text("state = 1")
    op.create_index(
        "ix_blobs_kept", "blobs", ["project", "digest"], unique=True, sqlite_where=kept, postgresql_where=kept
    )
    op.create_table(
        "blob_references",
        sa.Column("holder", sa.Text, nullable=False, comment="The interaction that holds the blob."),
        sa.Column("blob", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("holder", "blob", name="pk_blob_references"),
    )
    op.create_index("ix_blob_references_blob", "blob_references", ["blob"])
