"""When cases are due and what was kept; `socialdesk targets apply` reckons it for those there are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = ["due_at", "waiting_since", "id"]


def upgrade() -> None:
    # In place: making the table anew, as SQLite wants it for a named check, would break what refers to it.
    check = op.f("ck_cases_priority")
    op.execute(
        "ALTER TABLE cases ADD COLUMN priority VARCHAR DEFAULT 'normal' NOT NULL"
        f" CONSTRAINT {check} CHECK (priority IN ('normal', 'high', 'urgent'))"
    )
    for name, kind in (
        ("due_at", sa.DateTime(timezone=True)),
        ("due_for", sa.String()),
        ("timed_by", sa.String()),
        ("counted_since", sa.DateTime(timezone=True)),
        ("first_in_target", sa.Boolean()),
        ("resolved_in_target", sa.Boolean()),
    ):
        op.add_column("cases", sa.Column(name, kind, nullable=True))
    for name in ("paused", "responded"):
        op.add_column("cases", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, number in (
        ("waited_seconds", sa.Float()),
        ("next_in_target", sa.Integer()),
        ("next_late", sa.Integer()),
    ):
        op.add_column("cases", sa.Column(name, number, nullable=False, server_default=sa.text("0")))
    _indexes()


def _indexes() -> None:
    for column in ("", "language", "topic"):
        name, key = f"ix_cases_due_{column}".rstrip("_"), [column, *_KEY] if column else _KEY
        there = sa.text(f"status = 'waiting' AND {column} IS NOT NULL" if column else "status = 'waiting'")
        op.create_index(name, "cases", key, sqlite_where=there, postgresql_where=there)
    op.create_index(
        "ix_cases_due_exposed",
        "cases",
        _KEY,
        sqlite_where=sa.text("exposed = 1"),
        postgresql_where=sa.text("exposed"),
    )
