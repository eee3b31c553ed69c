"""Walks that survive a crash, gaps that stay until somebody has seen them, and how each channel is paced."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = ("account_id", "channel", "newest_x_id", "read_at", "not_before", "trouble")
STATES = "state IN ('open', 'filled', 'seen')"


def upgrade() -> None:
    _make_gaps()
    _make_walks()
    op.execute(
        "INSERT INTO gaps (account_id, channel, to_x_id, to_at, found_at, state, found, searched_posts)"
        " SELECT account_id, channel, newest_x_id, read_at, read_at, 'open', 0, 0 FROM cursors"
        " WHERE gap IS NOT NULL AND read_at IS NOT NULL"
    )
    _remake_cursors(
        "channel IN ('mentions', 'direct_messages', 'own_posts')",
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pace_seconds", sa.Float(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requests_left", sa.Integer(), nullable=True),
        sa.Column("requests_reset_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_hours", sa.Integer(), nullable=True),
        sa.Column("rate_came", sa.Integer(), nullable=True),
        sa.Column("rate_before", sa.Integer(), nullable=True),
        sa.Column("rate_weeks", sa.Integer(), nullable=True),
    )


def _make_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("from_x_id", sa.String(), nullable=True),
        sa.Column("to_x_id", sa.String(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("searched_posts", sa.Integer(), nullable=False),
        sa.Column("search_reached_x_id", sa.String(), nullable=True),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_gaps_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_gaps_account_id_accounts")),
        sa.ForeignKeyConstraint(["seen_by_id"], ["agents.id"], name=op.f("fk_gaps_seen_by_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_state", "gaps", ["state", "account_id"])


def _make_walks() -> None:
    op.create_table(
        "walks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor_x_id", sa.String(), nullable=True),
        sa.Column("floor_x_id", sa.String(), nullable=True),
        sa.Column("top_x_id", sa.String(), nullable=True),
        sa.Column("reached_x_id", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("barren", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_walks_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walks")),
        sa.UniqueConstraint("account_id", "channel", name=op.f("uq_walks_account_id_channel")),
    )
    op.create_table(
        "walk_pages",
        sa.Column("walk_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("items", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["walk_id"], ["walks.id"], name=op.f("fk_walk_pages_walk_id_walks")),
        sa.PrimaryKeyConstraint("walk_id", "number", name=op.f("pk_walk_pages")),
    )


def _remake_cursors(channels: str, *added: sa.Column[object]) -> None:
    """Made anew with its few rows: SQLite cannot change a check in place, and nothing refers to them."""
    kept = sa.table("cursors", *(sa.column(name) for name in BEFORE))
    rows = [dict(row) for row in op.get_bind().execute(sa.select(kept)).mappings()]
    op.drop_table("cursors")
    made = op.create_table(
        "cursors",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("newest_x_id", sa.String(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        *added,
        sa.CheckConstraint(channels, name=op.f("ck_cursors_channel")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cursors_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "channel", name=op.f("pk_cursors")),
    )
    if rows:
        untyped = sa.table(made.name, *(sa.column(name) for name in BEFORE))
        op.get_bind().execute(sa.insert(untyped), rows)


def downgrade() -> None:
    op.execute("DELETE FROM cursors WHERE channel = 'own_posts'")
    _remake_cursors(
        "channel IN ('mentions', 'direct_messages')", sa.Column("gap", sa.String(), nullable=True)
    )
    op.drop_table("walk_pages")
    op.drop_table("walks")
    op.drop_table("gaps")
