"""What agents have typed into the composer and not saved yet."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jottings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=True),
        sa.Column("seen_message_id", sa.Integer(), nullable=False),
        sa.Column("seen_reply_id", sa.Integer(), nullable=False),
        sa.Column("seen_x_id", sa.String(), nullable=True),
        sa.Column("again_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_jottings_visibility")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_jottings_case_id_cases")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_jottings_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jottings")),
        sa.UniqueConstraint(
            "case_id", "agent_id", "visibility", name=op.f("uq_jottings_case_id_agent_id_visibility")
        ),
    )
    op.create_index(op.f("ix_jottings_touched_at"), "jottings", ["touched_at"])
