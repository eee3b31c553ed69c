"""Internal notes with mentions, snoozed cases, lists with kept counts, saved views, and bulk changes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SOURCES = "source IN ({})"
_FORGOTTEN = (
    "CREATE TRIGGER search_entries_forgotten AFTER DELETE ON search_entries BEGIN"
    " DELETE FROM search_words WHERE rowid = old.id; END"
)
_FAILING = (
    "UPDATE cases SET failed_since = (SELECT min(coalesce(attempt_at, approved_at, drafted_at)) FROM replies"
    " WHERE case_id = cases.id AND state IN ('held', 'unknown'))"
    " WHERE id IN (SELECT case_id FROM replies WHERE state IN ('held', 'unknown'))"
)
_BY_ASSIGNEE = (
    "INSERT INTO list_counts (account_id, name, agent_id, cases)"
    " SELECT account_id, 'waiting', coalesce(assignee_id, 0) AS agent, count(*) FROM cases"
    " WHERE status = 'waiting' AND merged_into_id IS NULL GROUP BY account_id, agent"
)
_FAILED = (
    "INSERT INTO list_counts (account_id, name, agent_id, cases)"
    " SELECT account_id, 'failed', 0, count(*) FROM cases"
    " WHERE failed_since IS NOT NULL AND merged_into_id IS NULL GROUP BY account_id"
)


def upgrade() -> None:
    _of_cases()
    _notes()
    _views()
    _counts()
    _find_notes()


def _of_cases() -> None:
    for moment in ("snoozed_until", "snoozed_at", "failed_since"):
        op.add_column("cases", sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
    # In place: making the table anew, as SQLite wants it for a named key, would break what refers to it.
    key = op.f("fk_cases_snoozed_by_id_agents")
    op.execute(f"ALTER TABLE cases ADD COLUMN snoozed_by_id INTEGER CONSTRAINT {key} REFERENCES agents (id)")
    op.execute(_FAILING)
    op.create_index("ix_cases_queue_assignee", "cases", ["status", "assignee_id", "waiting_since", "id"])
    for column in ("snoozed_until", "failed_since"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_cases_{column}", "cases", [column, "id"], sqlite_where=there, postgresql_where=there
        )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        *_refers("notes", account_id="accounts", case_id="cases", author_id="agents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_case_id"), "notes", ["case_id"])
    op.create_table(
        "note_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        *_refers("note_versions", note_id="notes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_versions")),
    )
    op.create_index(op.f("ix_note_versions_note_id"), "note_versions", ["note_id"])
    op.create_table(
        "mentions",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        *_refers("mentions", agent_id="agents", case_id="cases", account_id="accounts"),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name=op.f("pk_mentions")),
    )


def _views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filter", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        *_refers("saved_views", owner_id="agents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index(op.f("ix_saved_views_owner_id"), "saved_views", ["owner_id"])
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        *_refers("bulk_changes", agent_id="agents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
    )


def _counts() -> None:
    op.create_table(
        "list_counts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        *_refers("list_counts", account_id="accounts"),
        sa.PrimaryKeyConstraint("account_id", "name", "agent_id", name=op.f("pk_list_counts")),
    )
    op.execute(_BY_ASSIGNEE)
    op.execute(_FAILED)


def _find_notes() -> None:
    """SQLite makes a table anew for another check, and with it its trigger."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER search_entries_forgotten")
    with op.batch_alter_table("search_entries") as table:
        name = op.f("ck_search_entries_source")
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, _SOURCES.format("'message', 'reply', 'customer', 'note'"))
    if sqlite:
        op.execute(_FORGOTTEN)


def _refers(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in columns.items()
    ]
