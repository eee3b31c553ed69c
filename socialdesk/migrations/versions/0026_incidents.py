"""Incidents: the waves that were noticed, the cases that belong together, and their holding replies."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _incidents()
    _cases()
    _replies()
    _waves()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("versions", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.CheckConstraint("ending IN ('queue', 'resolve')", name=op.f("ck_incidents_ending")),
        _to("incidents", "account_id", "accounts"),
        *(_to("incidents", f"{did}_by_id", "agents") for did in ("opened", "approved", "stopped", "closed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    _partial("ix_incidents_open", "incidents", ["account_id"], "closed_at IS NULL", unique=False)


def _cases() -> None:
    op.create_table(
        "incident_cases",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("taken_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_out_by_id", sa.Integer(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        _to("incident_cases", "incident_id", "incidents"),
        _to("incident_cases", "case_id", "cases"),
        _to("incident_cases", "by_id", "agents"),
        _to("incident_cases", "taken_out_by_id", "agents"),
        sa.PrimaryKeyConstraint("incident_id", "case_id", name=op.f("pk_incident_cases")),
    )
    op.create_index(op.f("ix_incident_cases_case_id"), "incident_cases", ["case_id"])
    _partial(
        "ix_incident_cases_to_release",
        "incident_cases",
        ["case_id"],
        "released_at IS NULL AND taken_out_at IS NULL",
        unique=False,
    )


def _replies() -> None:
    op.create_table(
        "holding_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "did IN ('sent', 'proposed', 'left', 'taken_back')", name=op.f("ck_holding_replies_did")
        ),
        _to("holding_replies", "incident_id", "incidents"),
        _to("holding_replies", "case_id", "cases"),
        _to("holding_replies", "customer_id", "customers"),
        _to("holding_replies", "reply_id", "replies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding_replies")),
        sa.UniqueConstraint("incident_id", "case_id", name=op.f("uq_holding_replies_incident_id_case_id")),
    )
    given = "did IN ('sent', 'proposed')"
    _partial("uq_holding_replies_customer", "holding_replies", ["incident_id", "customer_id"], given)
    op.create_index("ix_holding_replies_reply_id", "holding_replies", ["reply_id"])


def _waves() -> None:
    op.create_table(
        "waves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        _to("waves", "account_id", "accounts"),
        _to("waves", "dismissed_by_id", "agents"),
        _to("waves", "incident_id", "incidents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
    )
    _partial("uq_waves_going_on", "waves", ["account_id", "topic"], "ended_at IS NULL")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = True) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)
