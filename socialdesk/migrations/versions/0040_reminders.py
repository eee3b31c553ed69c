"""A case that is snoozed while we wait for its customer is counted apart from those whose customers wait.

Until now only what a rule had answered while it was snoozed stood so.
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_COUNT = (
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " SELECT account_id, 'reminded', language, count(*) FROM cases"
    " WHERE snoozed_until IS NOT NULL AND status = 'answered' AND merged_into_id IS NULL"
    " GROUP BY account_id, language"
)
_TAKE_OUT = (
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " SELECT account_id, 'snoozed', language, -cases FROM case_counts WHERE status = 'reminded'"
    " ON CONFLICT (account_id, status, language) DO UPDATE SET cases = case_counts.cases + excluded.cases"
)
_PUT_BACK = (
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " SELECT account_id, 'snoozed', language, cases FROM case_counts WHERE status = 'reminded'"
    " ON CONFLICT (account_id, status, language) DO UPDATE SET cases = case_counts.cases + excluded.cases"
)


def upgrade() -> None:
    op.execute(_COUNT)
    op.execute(_TAKE_OUT)


def downgrade() -> None:
    op.execute(_PUT_BACK)
    op.execute("DELETE FROM case_counts WHERE status = 'reminded'")
