"""When everybody works, whose turn it is, and why a case has not been given to anybody."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rosters",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("days_off", sa.String(), nullable=False),
        sa.Column("most_waiting", sa.Integer(), nullable=True),
        sa.Column("away_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_rosters_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_rosters")),
    )
    op.create_table(
        "routing_waits",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_routing_waits_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_routing_waits")),
    )
