"""Which language each agent reads the console in."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("language", sa.String(), nullable=True))
