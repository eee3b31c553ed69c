"""Rules that reply: which are on, which texts they may send, what they did, and who wants to hear nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_DID = "did IN ('sent', 'proposed', 'assigned', 'priority', 'silenced', 'left')"


def upgrade() -> None:
    op.add_column("customers", sa.Column("followers", sa.Integer(), nullable=True))
    op.add_column("customers", sa.Column("business", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("replies", sa.Column("by_rule", sa.String(), nullable=True))
    op.add_column("replies", sa.Column("settles", sa.Boolean(), nullable=False, server_default=sa.true()))
    _switches()
    _runs()
    _wishes()


def _switches() -> None:
    op.create_table(
        "rule_switches",
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["agents.id"], name=op.f("fk_rule_switches_by_id_agents")),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_rule_switches")),
    )
    op.create_table(
        "template_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("released_by_id", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('public', 'private')", name=op.f("ck_template_releases_visibility")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["agents.id"], name=op.f("fk_template_releases_released_by_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_releases")),
        sa.UniqueConstraint(
            "template",
            "language",
            "visibility",
            name=op.f("uq_template_releases_template_language_visibility"),
        ),
    )


def _runs() -> None:
    op.create_table(
        "rule_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("interaction", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("wrote_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(_DID, name=op.f("ck_rule_runs_did")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rule_runs_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_rule_runs_message_id_messages")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_rule_runs_reply_id_replies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_runs")),
        sa.UniqueConstraint("rule_id", "message_id", name=op.f("uq_rule_runs_rule_id_message_id")),
    )
    sent = sa.text("did = 'sent'")
    for name, key in (("interaction", ["case_id", "interaction"]), ("answered", ["message_id"])):
        op.create_index(
            f"uq_rule_runs_{name}", "rule_runs", key, unique=True, sqlite_where=sent, postgresql_where=sent
        )
    op.create_index("ix_rule_runs_rule_id_at", "rule_runs", ["rule_id", "at"])
    op.create_index("ix_rule_runs_case_id", "rule_runs", ["case_id"])


def _wishes() -> None:
    op.create_table(
        "opt_out_wishes",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_opt_out_wishes_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_opt_out_wishes_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["rule_runs.id"], name=op.f("fk_opt_out_wishes_run_id_rule_runs")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_opt_out_wishes")),
    )
    op.create_index(op.f("ix_opt_out_wishes_run_id"), "opt_out_wishes", ["run_id"])
    op.create_table(
        "wish_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_readings")),
    )
