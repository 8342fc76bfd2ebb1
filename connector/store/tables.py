"""Every table. Instants are stored in UTC and come back aware.

What comes from outside is `Text`: PostgreSQL would refuse what is longer than a `String`, and SQLite would take it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy import text as sqltext
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[dt.datetime]):
    """An aware datetime. SQLite keeps no zone, so UTC is what is kept."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        instant: dt.datetime = value
        return instant.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else instant.astimezone(dt.UTC)


jobs = Table(
    "jobs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease", String(36)),
    Column("worker", Text),
    Column("leased_until", Instant),
    Column("again_at", Instant),
    Column("error", Text),
    Column("dead_since", Instant),
    Index("ix_jobs_due", "dead_since", "run_at"),
)

mails = Table(
    "mails",
    metadata,
    Column("key", Text, primary_key=True),
    Column("state", String(10), nullable=False, index=True),
    Column("issue", Integer),
    Column("recipient", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
    Column("html", Text, nullable=False, default=""),
    Column("changed", Instant, nullable=False),
)

# rungs of tickets' clocks, one row a person; gathered into one mail
warnings = Table(
    "warnings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("person", Integer, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("rung", Text, nullable=False),
    Column("changed", Instant, nullable=False),
    Index("ix_warnings_person", "person", "state"),
    Index("ix_warnings_issue", "issue", "state"),
)

clocks = Table(
    "clocks",
    metadata,
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("wake_at", Instant, nullable=False, index=True),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("nonce", Text, nullable=False, unique=True),
    Column("procedure", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("received", Instant, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("issue", Integer),
    Column("origin", Text, nullable=False, server_default="portal"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("submission", String(36), ForeignKey("submissions.id"), nullable=False),
    # what was last reported, and what the ticket knows of it
    Column("firing", Boolean, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("fields", JSON, nullable=False),
)

digest_slots = Table(
    "digest_slots",
    metadata,
    Column("profile", Text, primary_key=True),
    Column("slot", Instant, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("reason", Text, nullable=False, default=""),
)

digests = Table(
    "digests",
    metadata,
    Column("key", Text, primary_key=True),
    Column("profile", Text, nullable=False),
    # Redmine's id; names and addresses are read when it is sent
    Column("person", Integer, nullable=False),
    Column("slot", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("counts", JSON, nullable=False),
    Column("scope", Text, nullable=False, default=""),
    Column("changed", Instant, nullable=False),
    Index("ix_digests_profile", "profile", "slot"),
)

actions = Table(
    "actions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("number", Text, nullable=False, index=True),
    # of an action taken before there was an issue: it follows its submission to another number
    Column("submission", String(36), ForeignKey("submissions.id"), index=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("step", Text),
    Column("outcome", Text),
    Column("fields", JSON, nullable=False),
    Column("remark", Text, nullable=False, default=""),
    # of what was signed with a code
    Column("proof", JSON(none_as_null=True)),
    # of a unit's head: as whom, and the official address that he proved
    Column("role", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("done", Boolean, nullable=False, default=False),
)

files = Table(
    "files",
    metadata,
    Column("ref", String(36), primary_key=True),
    Column("submission", String(36), ForeignKey("submissions.id"), index=True),
    Column("action", Text, ForeignKey("actions.key"), index=True),
    Column("position", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    # the form that it was chosen in, as long as that was not sent
    Column("held", Text),
    Column("held_until", Instant, index=True),
    Index("uq_files_held", "held", "field", "sha256", unique=True),
)

file_parts = Table(
    "file_parts",
    metadata,
    Column("ref", String(36), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("token_hash", Text, nullable=False, index=True),
    Column("expires", Instant, nullable=False, index=True),
    # the proof of the address
    Column("code_hash", Text),
    Column("code_until", Instant),
    Column("code_tries", Integer, nullable=False, default=0),
    Column("codes", Integer, nullable=False, default=0),
)

# one row for each purpose: a ticket and an address
codes = Table(
    "codes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    # how many were sent since an instant
    Column("sent", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)

numbers = Table(
    "numbers",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

# everything that was ever given a number; void rows too
documents = Table(
    "documents",
    metadata,
    Column("code", String(14), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("organization", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # JSON as text: what is read back must be what was written, sign by sign
    Column("data", Text),
    Column("status", String(10), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("replaced_by", Text, nullable=False, default=""),
    Column("sha256", String(64), nullable=False, default=""),
    Column("issue", Integer, index=True),
    Column("attachment", Integer),
    Column("certificate", String(64), nullable=False, server_default=""),
    # one document has one row, however many try at once; a void one gives its place free, never its number
    Index(
        "uq_documents_owner",
        "owner",
        "key",
        unique=True,
        sqlite_where=sqltext("status <> 'batal'"),
        postgresql_where=sqltext("status <> 'batal'"),
    ),
    Index("ix_documents_series", "series", "year", "sequence"),
    Index("ix_documents_number", "organization", "number"),
)

# signed bytes, from the signature until Redmine has them: a second signature would make other bytes
signed_documents = Table(
    "signed_documents",
    metadata,
    Column("code", String(14), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("certificate", String(64), nullable=False),
)

# how often something was done in a time that ends at `until`; the key is a hash
counters = Table(
    "counters",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)

feed = Table(
    "feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("issue", Integer, nullable=False),
    Column("journal", Integer, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", Instant, nullable=False),
)

facts = Table("facts", metadata, Column("name", Text, primary_key=True))

beats = Table(
    "beats",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
