"""Mails on their way, the closing question with its answers, and transcripts that customers were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _mails()
    _closing_questions()
    _transcripts()


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_token", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("list_name", sa.String(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name=op.f("ck_mails_state")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_mails_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
        sa.UniqueConstraint("message_token", name=op.f("uq_mails_message_token")),
    )
    op.create_index("ix_mails_customer_id", "mails", ["customer_id"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_mails_due_at", "mails", ["due_at", "id"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "mail_attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_mail_attachments_mail_id_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attachments")),
    )
    op.create_index("ix_mail_attachments_mail_id", "mail_attachments", ["mail_id"])


def _closing_questions() -> None:
    table = "closing_questions"
    references = {
        "case_id": "cases",
        "account_id": "accounts",
        "customer_id": "customers",
        "wanted_by_id": "agents",
        "reply_id": "replies",
    }
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_reopens", sa.Boolean(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_x_id", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('wanted', 'asked', 'left')", name=op.f("ck_closing_questions_state")),
        sa.CheckConstraint("way IN ('dm', 'link')", name=op.f("ck_closing_questions_way")),
        *(
            sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}_{of}"))
            for column, of in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_questions")),
        sa.UniqueConstraint("case_id", "resolved_at", name=op.f("uq_closing_questions_case_id_resolved_at")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_closing_questions_token_hash")),
    )
    op.create_index("ix_closing_questions_state", table, ["state", "id"])
    op.create_index("ix_closing_questions_asked_at", table, ["asked_at"])
    op.create_index("ix_closing_questions_customer_id", table, ["customer_id"])


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('dm', 'mail')", name=op.f("ck_transcripts_way")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_transcripts_case_id_cases")),
        sa.ForeignKeyConstraint(["made_by_id"], ["agents.id"], name=op.f("fk_transcripts_made_by_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
        sa.UniqueConstraint("key", name=op.f("uq_transcripts_key")),
    )
    op.create_index("ix_transcripts_case_id", "transcripts", ["case_id"])
