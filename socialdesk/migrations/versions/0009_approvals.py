"""Replies that wait for a second person or were sent back, and customers who want to hear nothing more."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_replies_submitted_at": (["submitted_at"], "state = 'draft' AND submitted_at IS NOT NULL"),
    "ix_replies_template_id": (
        ["template_id", "sent_at"],
        "state = 'sent' AND template_id IS NOT NULL",
    ),
}


def upgrade() -> None:
    for moment in ("submitted_at", "sent_back_at"):
        op.add_column("replies", sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
    for words in ("sent_back_why", "seen_x_id"):
        op.add_column("replies", sa.Column(words, sa.String(), nullable=True))
    op.add_column("customers", sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
    _refer("replies", "submitted_by_id")
    _refer("replies", "sent_back_by_id")
    for name, (columns, where) in _INDEXES.items():
        op.create_index(
            name, "replies", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )


def _refer(table: str, column: str) -> None:
    """In place: making the table anew, as SQLite wants it for a named key, would break what refers to it."""
    key = op.f(f"fk_{table}_{column}_agents")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {key} REFERENCES agents (id)")


def downgrade() -> None:
    for index in _INDEXES:
        op.drop_index(index, "replies")
    op.drop_column("customers", "opted_out_at")
    # In place: making the table anew would break the rows that refer to it.
    for column in (
        "sent_back_by_id",
        "submitted_by_id",
        "seen_x_id",
        "sent_back_why",
        "sent_back_at",
        "submitted_at",
    ):
        op.drop_column("replies", column)
