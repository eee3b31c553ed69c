"""Who wants the weekly summary, and two indexes by which agents find their own work."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "summary_subscriptions",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("account_ids", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_summary_subscriptions_weekday")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_summary_subscriptions_hour")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_summary_subscriptions_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_summary_subscriptions")),
    )
    op.create_index("ix_replies_drafted_by_id", "replies", ["drafted_by_id", "sent_at"])
    sent_back = sa.text("kind = 'reply_sent_back'")
    op.create_index(
        "ix_case_events_sent_back",
        "case_events",
        ["at"],
        sqlite_where=sent_back,
        postgresql_where=sent_back,
    )
