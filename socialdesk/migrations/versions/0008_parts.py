"""Replies in parts, what an agent can do about a refused one, and how many X still lets us send."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replies", sa.Column("automated", sa.Boolean(), server_default=sa.false(), nullable=False))
    # In place: making the table anew, as SQLite wants it for a named check, would break what refers to it.
    op.execute(
        f"ALTER TABLE replies ADD COLUMN remedy VARCHAR CONSTRAINT {op.f('ck_replies_remedy')}"
        " CHECK (remedy IN ('dm', 'open_on_x', 'retry', 'edit'))"
    )
    _make_reply_parts()
    _make_send_budgets()


def _make_reply_parts() -> None:
    op.create_table(
        "reply_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("x_id", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_parts_reply_id_replies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_parts")),
        sa.UniqueConstraint("reply_id", "number", name=op.f("uq_reply_parts_reply_id_number")),
        sa.UniqueConstraint("x_id", name=op.f("uq_reply_parts_x_id")),
    )
    op.execute(
        "INSERT INTO reply_parts (reply_id, number, text, x_id, sent_at, misses, duplicate)"
        " SELECT id, 1, text, x_id, sent_at, 0, false FROM replies"
        " WHERE state IN ('approved', 'sending', 'unknown', 'held', 'sent') ORDER BY id"
    )


def _make_send_budgets() -> None:
    op.create_table(
        "send_budgets",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_send_budgets_visibility")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_send_budgets_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "visibility", name=op.f("pk_send_budgets")),
    )


def downgrade() -> None:
    op.drop_table("send_budgets")
    op.drop_table("reply_parts")
    op.drop_column("replies", "remedy")
    op.drop_column("replies", "automated")
