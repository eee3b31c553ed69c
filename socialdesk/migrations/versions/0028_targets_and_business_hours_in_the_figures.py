"""Targets met and missed among the kept figures, and how much of each wait lay in business hours.

`socialdesk db upgrade` counts everything anew afterwards: what was kept knew neither.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_PROMISED = ("first_met", "first_missed", "next_met", "next_missed", "resolved_met", "resolved_missed")


def upgrade() -> None:
    for name in _PROMISED:
        op.add_column(
            "figure_counts", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    op.add_column("waits", sa.Column("open_seconds", sa.Float(), nullable=True))
    there = sa.text("due_at IS NOT NULL")
    key = ["account_id", "language", "visibility", "due_at", "opened_at"]
    op.create_index("ix_cases_overdue", "cases", key, sqlite_where=there, postgresql_where=there)
    op.execute("DELETE FROM figure_counting")
