"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("credentials", sa.String(), nullable=False),
        sa.Column("x_id", sa.String(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("private_not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("handle", name=op.f("uq_accounts_handle")),
        sa.UniqueConstraint("x_id", name=op.f("uq_accounts_x_id")),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("hired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('agent', 'supervisor')", name=op.f("ck_agents_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("username", name=op.f("uq_agents_username")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("x_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("x_id", name=op.f("uq_customers_x_id")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customers_handle"), ["handle"], unique=False)

    op.create_table(
        "case_counts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_case_counts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "status", "language", name=op.f("pk_case_counts")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_wrote_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'answered', 'resolved')", name=op.f("ck_cases_status")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cases_account_id_accounts")),
        sa.ForeignKeyConstraint(["assignee_id"], ["agents.id"], name=op.f("fk_cases_assignee_id_agents")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["follows_id"], ["cases.id"], name=op.f("fk_cases_follows_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_conversation_id", ["conversation_id"], unique=False)
        batch_op.create_index("ix_cases_customer_id_account_id", ["customer_id", "account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index("ix_cases_latest", ["status", "last_message_at", "id"], unique=False)
        batch_op.create_index(
            "ix_cases_latest_language", ["status", "language", "last_message_at", "id"], unique=False
        )
        batch_op.create_index("ix_cases_opened_at_language", ["opened_at", "language"], unique=False)
        batch_op.create_index("ix_cases_queue", ["status", "waiting_since", "id"], unique=False)
        batch_op.create_index(
            "ix_cases_queue_language", ["status", "language", "waiting_since", "id"], unique=False
        )

    op.create_table(
        "cursors",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("newest_x_id", sa.String(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("gap", sa.String(), nullable=True),
        sa.CheckConstraint("channel IN ('mentions', 'direct_messages')", name=op.f("ck_cursors_channel")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cursors_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "channel", name=op.f("pk_cursors")),
    )
    op.create_table(
        "quarantined_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_quarantined_items_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_items")),
        sa.UniqueConstraint(
            "account_id", "fingerprint", name=op.f("uq_quarantined_items_account_id_fingerprint")
        ),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_sign_ins_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_case_events_agent_id_agents")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("x_id", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("in_reply_to_x_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("runner_up", sa.String(), nullable=True),
        sa.Column("language_source", sa.String(), nullable=False),
        sa.Column("x_language", sa.String(), nullable=True),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_messages_direction")),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_messages_visibility")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_messages_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_messages_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("account_id", "x_id", name=op.f("uq_messages_account_id_x_id")),
        sa.UniqueConstraint("id", "visibility", name=op.f("uq_messages_id_visibility")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_case_id_sent_at", ["case_id", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_messages_ours", ["account_id", "direction", "visibility", "sent_at"], unique=False
        )
        batch_op.create_index(
            "ix_messages_sent_at_language", ["sent_at", "direction", "language"], unique=False
        )

    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("answers_id", sa.Integer(), nullable=False),
        sa.Column("answers_visibility", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("seen_message_id", sa.Integer(), nullable=False),
        sa.Column("seen_reply_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("baseline_x_id", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("x_id", sa.String(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'sending', 'unknown', 'sent', 'held', 'cancelled')",
            name=op.f("ck_replies_state"),
        ),
        sa.CheckConstraint(
            "visibility = 'private' OR answers_visibility = 'public'", name=op.f("ck_replies_door")
        ),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_replies_visibility")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_replies_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["answers_id", "answers_visibility"],
            ["messages.id", "messages.visibility"],
            name=op.f("fk_replies_answers_id_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["agents.id"], name=op.f("fk_replies_approved_by_id_agents")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_replies_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["agents.id"], name=op.f("fk_replies_drafted_by_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("x_id", name=op.f("uq_replies_x_id")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index("ix_replies_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_replies_outbox", ["account_id", "state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_replies_alive",
            ["answers_id", "text_hash"],
            unique=True,
            sqlite_where=sa.text("state IN ('approved', 'sending', 'unknown', 'sent')"),
            postgresql_where=sa.text("state IN ('approved', 'sending', 'unknown', 'sent')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_replies_alive",
            sqlite_where=sa.text("state IN ('approved', 'sending', 'unknown', 'sent')"),
            postgresql_where=sa.text("state IN ('approved', 'sending', 'unknown', 'sent')"),
        )
        batch_op.drop_index("ix_replies_outbox")
        batch_op.drop_index("ix_replies_case_id")

    op.drop_table("replies")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_sent_at_language")
        batch_op.drop_index("ix_messages_ours")
        batch_op.drop_index("ix_messages_case_id_sent_at")

    op.drop_table("messages")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))

    op.drop_table("case_events")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_agent_id"))

    op.drop_table("sign_ins")
    op.drop_table("quarantined_items")
    op.drop_table("cursors")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_queue_language")
        batch_op.drop_index("ix_cases_queue")
        batch_op.drop_index("ix_cases_opened_at_language")
        batch_op.drop_index("ix_cases_latest_language")
        batch_op.drop_index("ix_cases_latest")
        batch_op.drop_index(batch_op.f("ix_cases_follows_id"))
        batch_op.drop_index("ix_cases_customer_id_account_id")
        batch_op.drop_index("ix_cases_conversation_id")

    op.drop_table("cases")
    op.drop_table("case_counts")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_handle"))

    op.drop_table("customers")
    op.drop_table("agents")
    op.drop_table("accounts")
