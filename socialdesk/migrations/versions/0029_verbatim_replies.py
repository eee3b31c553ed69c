"""Whether a reply left with its template's own words; of older replies that is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replies", sa.Column("verbatim", sa.Boolean(), nullable=True))
