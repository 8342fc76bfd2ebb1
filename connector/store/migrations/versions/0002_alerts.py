"""Alerts of the monitoring, and where a submission came from"""

import sqlalchemy as sa
from alembic import op

from connector.store.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("origin", sa.Text(), server_default="portal", nullable=False))
    op.create_table(
        "alerts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("firing", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name=op.f("fk_alerts_submission")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alerts")),
    )
