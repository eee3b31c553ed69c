"""What X charged for what was read, by day and kind, and what has been read today."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_charges",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("micro_dollars", sa.BigInteger(), nullable=False),
        _of_an_account("read_charges"),
        sa.PrimaryKeyConstraint("account_id", "day", "kind", name=op.f("pk_read_charges")),
    )
    op.create_table(
        "things_read",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("thing", sa.BigInteger(), nullable=False),
        _of_an_account("things_read"),
        sa.PrimaryKeyConstraint("account_id", "day", "thing", name=op.f("pk_things_read")),
    )


def _of_an_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_accounts")
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=name)
