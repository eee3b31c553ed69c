"""Tags on cases, what a gap's search brought in, and that rules tag and snooze."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_DID = "did IN ('sent', 'proposed', 'assigned', 'priority', 'silenced', {}'left')"
_BEFORE, _NOW = _DID.format(""), _DID.format("'tagged', 'snoozed', ")


def upgrade() -> None:
    _rules()
    _tags()
    _finds()


def _rules() -> None:
    """SQLite could only copy the table, which others refer to: there the condition's words are changed in
    place, as its manual has it for what leaves the stored rows as they are."""
    if op.get_bind().dialect.name == "sqlite":
        before, now = _BEFORE.replace("'", "''"), _NOW.replace("'", "''")
        op.execute("PRAGMA writable_schema = ON")
        op.execute(
            f"UPDATE sqlite_master SET sql = replace(sql, '{before}', '{now}')"  # noqa: S608
            " WHERE type = 'table' AND name = 'rule_runs'"
        )
        op.execute("PRAGMA writable_schema = RESET")
        return
    name = op.f("ck_rule_runs_did")
    op.drop_constraint(name, "rule_runs", type_="check")
    op.create_check_constraint(name, "rule_runs", _NOW)


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("folded", name=op.f("uq_tags_folded")),
    )
    op.create_table(
        "case_tags",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False, server_default=sa.false()),
        _to("case_tags", "tag_id", "tags"),
        _to("case_tags", "case_id", "cases"),
        _to("case_tags", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("tag_id", "case_id", name=op.f("pk_case_tags")),
    )
    op.create_index("ix_case_tags_case_id", "case_tags", ["case_id"])
    op.add_column("cases", sa.Column("tagged", sa.String(), nullable=True))


def _finds() -> None:
    op.create_table(
        "gap_finds",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        _to("gap_finds", "message_id", "messages"),
        _to("gap_finds", "gap_id", "gaps"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_gap_finds")),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
