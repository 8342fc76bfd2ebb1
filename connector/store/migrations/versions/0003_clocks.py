"""When tickets wake, and warnings of limits"""

import sqlalchemy as sa
from alembic import op

from connector.store.tables import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("issue", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wake_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("issue", name=op.f("pk_clocks")),
    )
    op.create_index(op.f("ix_clocks_wake_at"), "clocks", ["wake_at"])
    op.create_table(
        "warnings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("changed", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_warnings")),
    )
    op.create_index("ix_warnings_issue", "warnings", ["issue", "state"])
    op.create_index("ix_warnings_person", "warnings", ["person", "state"])
