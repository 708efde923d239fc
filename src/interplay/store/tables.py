"""The tables, the same on every database. Not here: how they are read and written (the families and the adapters).

`events` lives in a schema of its own, which SQLite keeps in a file of its own: writing tokens down must never
hold up a control write.

To change a table: change it here, add `migrations/versions/NNNN_what.py`, and append NNNN to
`revisions.REVISIONS`. The conformance tests compare the two ways to the same tables.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in a column that is called INTEGER."""

interactions = Table(
    "interactions",
    metadata,
    Column("turn", Number, primary_key=True, comment="Numbers the rows; never leaves the store."),
    Column("id", Text, nullable=False, unique=True),
    Column("project", Text, nullable=False),
    Column("branch", Number, nullable=False, comment="The number of the branch's first turn."),
    Column("depth", Integer, nullable=False, comment="How many turns lie before this one."),
    Column("state", SmallInteger, nullable=False, comment="0 in progress, 1 ended, 2 erasing, 3 erased."),
    Column("status", Text, nullable=False, comment="The wire's word; the store does not interpret it."),
    Column("model", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("owner", Text, nullable=False),
    Column("input", LargeBinary, nullable=False),
    Column("resource", LargeBinary, nullable=False),
    Column("key", Text, nullable=False, server_default="", comment="The API key that asked."),
    UniqueConstraint("branch", "depth"),
    CheckConstraint("state BETWEEN 0 AND 3", name="state"),
)
"""A deleted turn that others go on from stays as a row without content, so that its position in the tree is kept.

Work that waits for a server has an empty owner.
"""

Index(
    "ix_interactions_in_progress",
    interactions.c.owner,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index(
    "ix_interactions_ended",
    interactions.c.expires,
    sqlite_where=text("state = 1"),
    postgresql_where=text("state = 1"),
)
Index(
    "ix_interactions_erasing",
    interactions.c.turn,
    sqlite_where=text("state = 2"),
    postgresql_where=text("state = 2"),
)

Index("ix_interactions_project", interactions.c.project, interactions.c.created)
"""What a project has, by time. Without the id, by which Postgres would look into it for one row."""

branches = Table(
    "branches",
    metadata,
    Column("branch", Number, primary_key=True, autoincrement=False),
    Column("parent", Number, nullable=False),
    Column("fork", Integer, nullable=False, comment="The depth of the parent's turn that this branch goes on from."),
    Index("ix_branches_parent", "parent", "fork"),
)
"""Branches that forked off another one. A conversation's first branch needs no row."""

projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created", Double, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the key; the key is not kept."),
    Column("hint", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("revoked", Double),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("interaction", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("tier", SmallInteger, nullable=False, comment="0 goes before 1 goes before 2."),
    Column("ticket", Number, nullable=False, comment="The order within a tier, fair between projects."),
    Column("enqueued", Double, nullable=False),
    Column("state", SmallInteger, nullable=False, comment="0 waiting, 1 given out."),
    Column("attempts", Integer, nullable=False, comment="How often it was given out."),
    Column("deaths", Integer, nullable=False, comment="How often the server that had it died."),
    Column("request", LargeBinary, nullable=False),
    CheckConstraint("state BETWEEN 0 AND 1", name="state"),
)
"""Background interactions that have not ended."""

Index(
    "ix_work_waiting",
    work.c.tier,
    work.c.ticket,
    work.c.enqueued,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index("ix_work_project", work.c.project, work.c.tier, work.c.ticket)

usage = Table(
    "usage",
    metadata,
    Column("project", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("day", Text, primary_key=True, comment="In UTC, 2026-11-27."),
    Column("interactions", Number, nullable=False),
    Column("input", Number, nullable=False),
    Column("cached", Number, nullable=False),
    Column("output", Number, nullable=False),
    Column("thought", Number, nullable=False),
)
"""Tokens, summed at the end of each interaction and in the same transaction; deleting one takes nothing away."""

usage_added = Table(
    "usage_added",
    metadata,
    Column("project", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("day", Text, nullable=False, comment="In UTC, 2026-11-27."),
    Column("interactions", Number, nullable=False),
    Column("input", Number, nullable=False),
    Column("cached", Number, nullable=False),
    Column("output", Number, nullable=False),
    Column("thought", Number, nullable=False),
)
"""What is to be added to the usage: several servers that added to one row at once would wait for each other."""

usage_writers = Table(
    "usage_writers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Number, nullable=False, comment="Of its last batch."),
    Column("written", Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
)
"""Who adds to the usage, so that no batch is added twice."""

limits = Table(
    "limits",
    metadata,
    Column("name", Text, primary_key=True, comment="A project or a key."),
    Column("counted", LargeBinary, nullable=False, comment="JSON: the last minute, and what runs where."),
)
"""What limits are held by, for servers that share a database; one that has files to itself counts in memory."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("name", Text),
    Column("uri", Text, nullable=False),
    Column("events", Text, nullable=False, comment="Types between spaces, with one at both ends."),
    Column("state", Text, nullable=False, comment="The wire's word."),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("secrets", LargeBinary, nullable=False, comment="What it signs with, JSON, the newest first."),
    Column("healthy", Double, nullable=False, comment="When it last took a notice, or was enabled."),
    Index("ix_webhooks_project", "project", "created", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True, comment="Of the message, over all tries."),
    Column("project", Text, nullable=False),
    Column("webhook", Text, comment="None where the request named its own receiver."),
    Column("uri", Text, comment="The request's own receiver; a webhook's is its own to change."),
    Column("lane", Text, nullable=False, comment="What a receiver that hangs holds up: its webhook, or its host."),
    Column("type", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", SmallInteger, nullable=False, comment="0 to be sent, 1 given up."),
    Column("created", Double, nullable=False, comment="All times by the database's clock."),
    Column("due", Double, nullable=False, comment="Not before; when it was given up."),
    Column("attempts", Integer, nullable=False),
    Column("holder", Text, nullable=False, comment="The server that is sending it until it is due again."),
    Column("reason", Text, nullable=False, comment="Why the last try failed."),
    CheckConstraint("state BETWEEN 0 AND 1", name="state"),
    Index("ix_deliveries_state", "state", "due"),
    Index("ix_deliveries_webhook", "webhook"),
)
"""Notices that have not been taken yet. They refer to no interaction's row: one that is deleted is still told of."""

servers = Table(
    "servers",
    metadata,
    Column("id", Text, primary_key=True, comment="An owner of interactions: one start of a server."),
    Column("started", Double, nullable=False),
    Column("seen", Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
)

blobs = Table(
    "blobs",
    metadata,
    Column("name", Text, primary_key=True, comment="What the bytes are written under; used once."),
    Column("project", Text, nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-256 of the bytes, in hexadecimal digits."),
    Column("size", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False, comment="0 writing, 1 kept, 2 removing."),
    Column("due", Double, comment="When to look whether anybody holds it; absent while somebody was seen to."),
    Index("ix_blobs_due", "due"),
    CheckConstraint("state BETWEEN 0 AND 2", name="state"),
)

Index(
    "ix_blobs_kept",
    blobs.c.project,
    blobs.c.digest,
    unique=True,
    sqlite_where=text("state = 1"),
    postgresql_where=text("state = 1"),
)

blob_references = Table(
    "blob_references",
    metadata,
    Column("holder", Text, primary_key=True, comment="The interaction that holds the blob."),
    Column("blob", Text, primary_key=True),
    Index("ix_blob_references_blob", "blob"),
)

triggers = Table(
    "triggers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("interaction", LargeBinary, nullable=False),
    Column("timeout", Integer, nullable=False, comment="Seconds."),
    Column("most_failures", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("next", Double, comment="When it is due; none while it is not active."),
    Column("failures", Integer, nullable=False, comment="In a row."),
    Column("last_run", Double),
    Column("last_pause", Double),
    Column("last_resume", Double),
    Column("last_interaction", Text),
    Column("key", Text, nullable=False, server_default="", comment="The API key that made it."),
    Index("ix_triggers_project", "project", "created", "id"),
)

Index(
    "ix_triggers_next",
    triggers.c.next,
    sqlite_where=text("next IS NOT NULL"),
    postgresql_where=text("next IS NOT NULL"),
)

trigger_executions = Table(
    "trigger_executions",
    metadata,
    Column("id", Text, primary_key=True, comment="Made of the trigger and the moment that it was due."),
    Column("project", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("interaction", Text, nullable=False, comment="Chosen before it is started."),
    Column("owner", Text, nullable=False, comment="The server that recorded it."),
    Column("timeout", Integer, nullable=False, comment="Seconds."),
    Column("created", Double, nullable=False),
    Column("scheduled", Double),
    Column("started", Double),
    Column("ended", Double),
    Column("error", Text, nullable=False),
    Column("tried", Double, comment="When its start was last put off; none before."),
    Index("ix_trigger_executions_trigger", "trigger", "created", "id"),
)
"""What came of triggers, deleted ones too."""

Index(
    "uq_trigger_executions_in_progress",
    trigger_executions.c.trigger,
    unique=True,
    sqlite_where=text("status = 'in_progress'"),
    postgresql_where=text("status = 'in_progress'"),
)
Index(
    "ix_trigger_executions_ended",
    trigger_executions.c.ended,
    sqlite_where=text("ended IS NOT NULL"),
    postgresql_where=text("ended IS NOT NULL"),
)
cancels = Table(
    "cancels",
    metadata,
    Column("interaction", Text, primary_key=True),
    Column("asked", Double, nullable=False, comment="Seconds since 1970 by the database's clock."),
)
"""Interactions that somebody wants cancelled, until whoever owns them has done it."""

events = Table(
    "events",
    metadata,
    Column("interaction", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    schema="events",
    # One tree instead of a table and an index: a log is only ever read in the order of its key.
    sqlite_with_rowid=False,
)
"""Keyed without the attempt: an execution that was taken over cannot write over its successor's events."""
