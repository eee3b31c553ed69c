"""What agents search, with everything that is stored already."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from socialdesk.search.entries import words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SOURCES = "source IN ('message', 'reply', 'customer')"
BATCH = 5_000
# Customers first: the newest entries are read one by one for common words, and names have few of those.
STORED = {
    "customer": "SELECT id, handle, name FROM customers WHERE handle IS NOT NULL",
    "message": "SELECT id, text FROM messages WHERE id > 0",
    "reply": "SELECT id, text FROM replies WHERE state NOT IN ('sent', 'cancelled')",
}


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint(SOURCES, name=op.f("ck_search_entries_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_search_entries_source_source_id")),
    )
    _write_what_is_stored()
    if op.get_bind().dialect.name == "sqlite":
        _index_with_fts5()
    else:
        _index_with_gin()


def _index_with_gin() -> None:
    """The cast takes the words as they are, where to_tsvector would go by the server's locale; new rows
    wait in a list that every search reads, so it is a short one."""
    op.execute(
        "CREATE INDEX search_words ON search_entries USING gin (CAST(words AS tsvector))"
        " WITH (gin_pending_list_limit = 256)"
    )


def _index_with_fts5() -> None:
    """Neither the text nor the places in it are kept twice; `ascii` splits at spaces and leaves all else."""
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5"
        "(words, content='', contentless_delete=1, detail=none, tokenize='ascii')"
    )
    op.execute(
        "CREATE TRIGGER search_entries_forgotten AFTER DELETE ON search_entries BEGIN"
        " DELETE FROM search_words WHERE rowid = old.id; END"
    )
    op.execute("INSERT INTO search_words (rowid, words) SELECT id, words FROM search_entries")


def _write_what_is_stored() -> None:
    entries = sa.table("search_entries", sa.column("source"), sa.column("source_id"), sa.column("words"))
    for source, query in STORED.items():
        for batch in _batches(query):
            rows = [{"source": source, "source_id": row[0], "words": words(*row[1:])} for row in batch]
            if told := [row for row in rows if not row["words"].isspace()]:
                op.get_bind().execute(sa.insert(entries), told)


def _batches(query: str) -> Iterator[list[Any]]:
    last = 0
    page = sa.text(f"{query} AND id > :last ORDER BY id LIMIT {BATCH}")
    while batch := list(op.get_bind().execute(page, {"last": last})):
        yield batch
        last = batch[-1][0]


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entries")
