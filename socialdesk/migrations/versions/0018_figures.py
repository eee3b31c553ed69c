"""Kept figures: sums by hour and day, waits for a first answer and how long they took."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_SUMS = ("received", "replied", "automated", "elsewhere", "unchanged", "opened", "reopened", "responded")
_COSTS = ("cost_answers", "cost_posts", "cost_links", "cost_messages")


def upgrade() -> None:
    sums = [sa.Column(name, sa.Integer(), nullable=False) for name in _SUMS]
    costs = [sa.Column(name, sa.BigInteger(), nullable=False) for name in _COSTS]
    _kept_by("figure_counts", ("grain", "start"), *sums, *costs)
    _kept_by("topic_counts", ("grain", "start"), sa.Column("cases", sa.Integer(), nullable=False), topic=True)
    steps: sa.Column[Any] = sa.Column("steps", sa.LargeBinary(), nullable=False)
    _kept_by("wait_lengths", ("grain", "start"), steps)
    _hours()
    _waits()
    _backlog()
    op.create_table(
        "figure_counting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_counting")),
    )


def _kept_by(table: str, when: tuple[str, ...], *kept: sa.Column[Any], topic: bool = False) -> None:
    texts = ("language", "visibility", *(("topic",) if topic else ()))
    numbers = (*when, "account_id")
    op.create_table(
        table,
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        *kept,
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint(*numbers, *texts, name=op.f(f"pk_{table}")),
    )


def _hours() -> None:
    op.create_table(
        "hour_counts",
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_hour_counts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("start", "account_id", "visibility", name=op.f("pk_hour_counts")),
    )


def _backlog() -> None:
    """Since when whose first answer is missing, and what waits at all, read from indexes alone."""
    op.add_column("cases", sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True))
    key = ["account_id", "language", "visibility"]
    for name, column, there in (
        ("ix_cases_unanswered", "unanswered_since", "unanswered_since IS NOT NULL"),
        ("ix_cases_backlog", "waiting_since", "status = 'waiting' AND account_id IS NOT NULL"),
    ):
        where = sa.text(there)
        op.create_index(name, "cases", [*key, column], sqlite_where=where, postgresql_where=where)


def _waits() -> None:
    op.create_table(
        "waits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_waits_account_id_accounts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_waits_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
    )
    op.create_index(op.f("ix_waits_case_id_began_at"), "waits", ["case_id", "began_at"])
    op.create_index(op.f("ix_waits_began_at"), "waits", ["began_at"])
