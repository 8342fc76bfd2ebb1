"""The register of documents"""

import sqlalchemy as sa
from alembic import op

from connector.store.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("code", sa.String(length=14), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issue", sa.Integer()),
        sa.Column("attachment", sa.Integer()),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_documents")),
    )
    there = sa.text("status <> 'batal'")
    op.create_index(
        "uq_documents_owner",
        "documents",
        ["owner", "key"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )
    op.create_index("ix_documents_series", "documents", ["series", "year", "sequence"])
    op.create_index("ix_documents_number", "documents", ["organization", "number"])
    op.create_index(op.f("ix_documents_issue"), "documents", ["issue"])
