"""Indexes along which an agent's own waiting cases are read by urgency, and those that nobody has taken."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ORDER = ["due_at", "waiting_since", "id"]


def upgrade() -> None:
    op.drop_index("ix_cases_queue_assignee", table_name="cases")
    _of_waiting("ix_cases_due_assignee", ["assignee_id", *ORDER], "assignee_id IS NOT NULL")
    _of_waiting("ix_cases_due_unassigned", ORDER, "assignee_id IS NULL")


def _of_waiting(name: str, columns: list[str], whose: str) -> None:
    where = sa.text(f"status = 'waiting' AND {whose}")
    op.create_index(name, "cases", columns, sqlite_where=where, postgresql_where=where)
