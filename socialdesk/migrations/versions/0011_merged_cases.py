"""Merged cases are counted by themselves."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_FILL = (
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " SELECT account_id, {status} AS kind, language, count(*) FROM cases GROUP BY account_id, kind, language"
)


def upgrade() -> None:
    _count("CASE WHEN merged_into_id IS NULL THEN status ELSE 'merged' END")


def downgrade() -> None:
    _count("status")


def _count(status: str) -> None:
    op.execute("DELETE FROM case_counts")
    op.execute(_FILL.format(status=status))
