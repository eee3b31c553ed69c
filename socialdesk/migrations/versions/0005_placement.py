"""What waits for its case, which posts X lets us answer, merged cases, and whom nobody wants to hear."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("not_repliable", sa.String(), nullable=True))
    op.add_column("messages", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customers", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    _refer("cases", "merged_into_id", "cases")
    _refer("customers", "blocked_by_id", "agents")
    _make_unplaced_messages()
    _make_muted_conversations()
    _settle_what_was_dealt_with()


def _refer(table: str, column: str, to: str) -> None:
    """In place: making the table anew, as SQLite wants it for a named key, would break what refers to it."""
    key = op.f(f"fk_{table}_{column}_{to}")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {key} REFERENCES {to} (id)")


def _make_unplaced_messages() -> None:
    op.create_table(
        "unplaced_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("x_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("customer_x_id", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("put_by_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "why IN ('to_nobody', 'retweet', 'ignored')", name=op.f("ck_unplaced_messages_why")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_unplaced_messages_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unplaced_messages")),
        sa.UniqueConstraint("account_id", "x_id", name=op.f("uq_unplaced_messages_account_id_x_id")),
    )
    op.create_index("ix_unplaced_messages_customer", "unplaced_messages", ["account_id", "customer_x_id"])
    op.create_index(
        "ix_unplaced_messages_conversation", "unplaced_messages", ["account_id", "conversation_id"]
    )


def _make_muted_conversations() -> None:
    op.create_table(
        "muted_conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("muted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_muted_conversations_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["muted_by_id"], ["agents.id"], name=op.f("fk_muted_conversations_muted_by_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted_conversations")),
        sa.UniqueConstraint(
            "account_id", "conversation_id", name=op.f("uq_muted_conversations_account_id_conversation_id")
        ),
    )


def _settle_what_was_dealt_with() -> None:
    """The customers' words that an agent had before him when he resolved the case or sent an answer."""
    op.execute(
        "UPDATE messages SET settled_at = (SELECT max(at) FROM case_events"
        " WHERE case_events.case_id = messages.case_id AND kind = 'resolved')"
        " WHERE direction = 'inbound' AND EXISTS (SELECT 1 FROM case_events"
        " WHERE case_events.case_id = messages.case_id AND kind = 'resolved' AND at >= taken_in_at)"
    )
    op.execute(
        "UPDATE messages SET settled_at = (SELECT max(sent_at) FROM replies"
        " WHERE replies.case_id = messages.case_id AND state = 'sent')"
        " WHERE direction = 'inbound' AND settled_at IS NULL AND EXISTS (SELECT 1 FROM replies"
        " WHERE replies.case_id = messages.case_id AND state = 'sent' AND seen_message_id >= messages.id)"
    )


def downgrade() -> None:
    op.drop_table("muted_conversations")
    op.drop_table("unplaced_messages")
    # In place: making the tables anew would break the rows that refer to them.
    op.drop_column("customers", "blocked_by_id")
    op.drop_column("cases", "merged_into_id")
    op.drop_column("customers", "blocked_at")
    op.drop_column("cases", "reopened_at")
    op.drop_column("messages", "settled_at")
    op.drop_column("messages", "not_repliable")
