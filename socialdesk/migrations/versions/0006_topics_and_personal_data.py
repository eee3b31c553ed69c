"""What cases are about, and what customers should not have written in public.

Only what comes in from now on is looked at: cases that are stored keep no topic, their excerpts stay as they
are, and no stored message is masked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("personal", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("topic_words", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("topic_score", sa.Integer(), nullable=True))
    for name in ("topic_by_agent", "exposed"):
        op.add_column("cases", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_cases_queue_topic", "cases", ["status", "topic", "waiting_since", "id"])
    op.create_index("ix_cases_latest_topic", "cases", ["status", "topic", "last_message_at", "id"])
    op.create_index(
        "ix_cases_exposed",
        "cases",
        ["waiting_since", "id"],
        sqlite_where=sa.text("exposed = 1"),
        postgresql_where=sa.text("exposed"),
    )
    _make_topic_corrections()


def _make_topic_corrections() -> None:
    op.create_table(
        "topic_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("corrected", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_topic_corrections_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_topic_corrections_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_topic_corrections_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_corrections")),
        sa.UniqueConstraint("case_id", name=op.f("uq_topic_corrections_case_id")),
    )
    op.create_index("ix_topic_corrections_corrected_at", "topic_corrections", ["corrected_at"])


def downgrade() -> None:
    op.drop_table("topic_corrections")
    for index in ("ix_cases_exposed", "ix_cases_latest_topic", "ix_cases_queue_topic"):
        op.drop_index(index, "cases")
    for column in ("exposed", "topic_by_agent", "topic_score", "topic_words"):
        op.drop_column("cases", column)
    op.drop_column("messages", "personal")
