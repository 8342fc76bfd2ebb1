"""Files are held from the moment they are chosen, in parts; forms wait as drafts"""

import sqlalchemy as sa
from alembic import op

from connector.store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_parts",
        sa.Column("ref", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref", "position", name=op.f("pk_file_parts")),
    )
    op.execute("INSERT INTO file_parts (ref, position, content) SELECT ref, 0, content FROM files")
    op.drop_column("files", "content")
    op.add_column("files", sa.Column("held", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("held_until", Instant(), nullable=True))
    op.create_index(op.f("ix_files_held_until"), "files", ["held_until"], unique=False)
    op.create_index("uq_files_held", "files", ["held", "field", "sha256"], unique=True)
    op.create_table(
        "drafts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires", Instant(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_until", Instant(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_expires"), "drafts", ["expires"], unique=False)
    op.create_index(op.f("ix_drafts_token_hash"), "drafts", ["token_hash"], unique=False)
