"""What requesters sign with a mailed code"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("proof", sa.JSON(none_as_null=True)))
