"""Four roles, what somebody is at each account, the languages people read, and invitations to the desk.

Until now supervisors let people in and out, and now admins do. So that somebody still can, the supervisor who
has been here longest becomes an admin, unless there is one; the others stay what they are. Of supervisors who
may not sign in, none is chosen while there is another.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ROLES = "role IN ('read_only', 'agent', 'supervisor', 'admin')"
_FIRST_ADMIN = (
    "UPDATE agents SET role = 'admin' WHERE id = (SELECT id FROM agents WHERE role = 'supervisor'"
    " ORDER BY disabled_at IS NOT NULL, id LIMIT 1)"
)


def upgrade() -> None:
    # As text: SQLite could not change a table's checks for long, and Alembic would still copy the table.
    op.execute("ALTER TABLE agents DROP CONSTRAINT ck_agents_role")
    op.execute(f"ALTER TABLE agents ADD CONSTRAINT ck_agents_role CHECK ({_ROLES})")
    op.execute(_FIRST_ADMIN)
    _memberships()
    _languages()
    _invitations()


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("role IN ('read_only', 'agent', 'supervisor')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_memberships_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", "account_id", name=op.f("pk_memberships")),
    )


def _languages() -> None:
    op.create_table(
        "agent_languages",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.CheckConstraint("level IN ('none', 'reads', 'writes')", name=op.f("ck_agent_languages_level")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_languages_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", "language", name=op.f("pk_agent_languages")),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("agent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_invitations_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
