"""How often X has told nothing at all of a post that it was asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("silences", sa.Integer(), nullable=True))
