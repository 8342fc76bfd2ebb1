"""Codes that prove an address; actions of units' heads"""

import sqlalchemy as sa
from alembic import op

from connector.store.tables import Instant

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "codes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_until"), "codes", ["until"], unique=False)
    op.add_column("actions", sa.Column("role", sa.Text(), nullable=False, server_default=""))
    op.add_column("actions", sa.Column("address", sa.Text(), nullable=False, server_default=""))
