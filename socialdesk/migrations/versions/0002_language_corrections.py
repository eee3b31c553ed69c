"""What the detector found word for word, and what agents say against it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BY_AN_AGENT = sa.text("agent_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("language_found", sa.String(), nullable=True))
    op.add_column("messages", sa.Column("mixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("customers", sa.Column("language", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("language_sure", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "language_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("detected", sa.String(), nullable=False),
        sa.Column("corrected", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_language_corrections_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_language_corrections_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_language_corrections_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_language_corrections_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_corrections")),
        sa.UniqueConstraint("message_id", name=op.f("uq_language_corrections_message_id")),
    )
    op.create_index("ix_language_corrections_corrected_at", "language_corrections", ["corrected_at"])
    op.create_index(
        "ix_case_events_agents",
        "case_events",
        ["case_id", "at", "kind"],
        sqlite_where=BY_AN_AGENT,
        postgresql_where=BY_AN_AGENT,
    )


def downgrade() -> None:
    op.drop_index("ix_case_events_agents", "case_events")
    op.drop_table("language_corrections")
    # In place: making the tables anew would break the rows that refer to them.
    op.drop_column("cases", "language_sure")
    op.drop_column("customers", "language")
    op.drop_column("messages", "mixed")
    op.drop_column("messages", "language_found")
