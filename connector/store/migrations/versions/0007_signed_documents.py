"""Signed documents: their bytes until Redmine has them, and the certificate in the register"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("certificate", sa.String(length=64), nullable=False, server_default="")
    )
    op.create_table(
        "signed_documents",
        sa.Column("code", sa.String(length=14), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_signed_documents")),
    )
