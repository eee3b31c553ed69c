"""Weekly summaries that could not be made, and what became of the closing replies of an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TABLE = "closing_replies"
_GIVEN = sa.text("did IN ('sent', 'proposed')")


def upgrade() -> None:
    op.add_column(
        "summary_subscriptions", sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("summary_subscriptions", sa.Column("try_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("summary_subscriptions", sa.Column("trouble", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("final_template", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("final_versions", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("final_stopped_at", sa.DateTime(timezone=True), nullable=True))
    _closing_replies()


def _closing_replies() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "did IN ('sent', 'proposed', 'left', 'taken_back')", name=op.f(f"ck_{_TABLE}_did")
        ),
        *(_to(column, other) for column, other in _OTHERS.items()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("incident_id", "case_id", name=op.f(f"uq_{_TABLE}_incident_id_case_id")),
    )
    op.create_index(
        "uq_closing_replies_customer",
        _TABLE,
        ["incident_id", "customer_id"],
        unique=True,
        sqlite_where=_GIVEN,
        postgresql_where=_GIVEN,
    )
    op.create_index("ix_closing_replies_reply_id", _TABLE, ["reply_id"])


_OTHERS = {
    "incident_id": "incidents",
    "case_id": "cases",
    "customer_id": "customers",
    "reply_id": "replies",
}


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{_TABLE}_{column}_{other}"))
