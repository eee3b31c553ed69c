"""What can be found: the folded words of every message, reply and customer, written when those are.

The full-text index behind the table is an expression index on PostgreSQL, and FTS5 on SQLite. What goes
through a session's objects gets here by itself; rows inserted without objects are handed to `index`.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, UniqueConstraint, delete, event, inspect, text
from sqlmodel import Field, Session, SQLModel, col

from socialdesk.casework.notes import Note
from socialdesk.customers import Customer
from socialdesk.database import one_of
from socialdesk.folding import tokens
from socialdesk.messages import Message
from socialdesk.replies import Reply

LONGEST_TEXT = 50_000  # characters; X's longest post has half of it
_NOTED = "search_entries"


class Source(StrEnum):
    """What was written; whatever else agents write gets its word here, and its place in `_WORDS_OF`."""

    MESSAGE = "message"
    REPLY = "reply"
    CUSTOMER = "customer"
    NOTE = "note"


class SearchEntry(SQLModel, table=True):
    """One text that can be found; a higher id was written, or changed, later.

    `words` are the tokens with a space before and after each, so that " of " is a word and " of" the
    beginning of one.
    """

    __tablename__ = "search_entries"
    __table_args__ = (UniqueConstraint("source", "source_id"), one_of("source", Source))

    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: int
    words: str


def words(*texts: str | None) -> str:
    """What stands in an entry for these texts."""
    found = [token for text in texts if text for token in tokens(text[:LONGEST_TEXT])]
    return f" {' '.join(found)} "


def index(session: Session, source: Source, texts: Mapping[int, str]) -> None:
    """Make new texts findable, by row id; for changed ones `forget` comes first."""
    _insert(session, source, {source_id: words(text) for source_id, text in texts.items()})


def forget(session: Session, ids: Collection[int], source: Source = Source.MESSAGE) -> None:
    """These messages cannot be found any more: their text was deleted or is about to be written anew."""
    if ids:
        gone = delete(SearchEntry).where(col(SearchEntry.source) == source)
        session.connection().execute(gone.where(col(SearchEntry.source_id).in_(list(ids))))


def _insert(session: Session, source: Source, found: Mapping[int, str]) -> None:
    telling = {source_id: each for source_id, each in found.items() if not each.isspace()}
    if not telling:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _insert_on_sqlite(connection, source, telling)
        return
    connection.execute(_INSERT, {"source": source, "ids": list(telling), "words": list(telling.values())})


def _insert_on_sqlite(connection: Connection, source: Source, found: Mapping[int, str]) -> None:
    newest = connection.exec_driver_sql(_NEWEST).scalar_one()
    rows = [(source.value, *each) for each in found.items()]
    connection.exec_driver_sql(_ENTRIES, rows)
    connection.exec_driver_sql(_TO_FTS5, (newest,))


# One statement for all rows: row by row PostgreSQL takes half as long again, and from a trigger FTS5 would
# write to the disk for each.
_INSERT = text(
    "INSERT INTO search_entries (source, source_id, words)"
    " SELECT :source, unnest(CAST(:ids AS integer[])), unnest(CAST(:words AS text[]))"
)
_NEWEST = "SELECT coalesce(max(id), 0) FROM search_entries"
_ENTRIES = "INSERT INTO search_entries (source, source_id, words) VALUES (?, ?, ?)"
_TO_FTS5 = "INSERT INTO search_words (rowid, words) SELECT id, words FROM search_entries WHERE id > ?"
_WORDS_OF: dict[type[SQLModel], tuple[Source, tuple[str, ...]]] = {
    Message: (Source.MESSAGE, ("text",)),
    Reply: (Source.REPLY, ("text",)),
    Customer: (Source.CUSTOMER, ("handle", "name")),
    Note: (Source.NOTE, ("text",)),
}


def _note(session: Session, *_: object) -> None:
    noted: dict[tuple[Source, int], str] = session.info.setdefault(_NOTED, {})
    for row in (*session.new, *session.dirty):
        if type(row) in _WORDS_OF and _is_changed(row):
            source, columns = _WORDS_OF[type(row)]
            noted[source, row.id] = words(*(getattr(row, name) for name in columns))
    for row in session.deleted:
        if type(row) in _WORDS_OF:
            noted[_WORDS_OF[type(row)][0], row.id] = " "


def _is_changed(row: Any) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.added for name in _WORDS_OF[type(row)][1])


def _write(session: Session) -> None:
    """What the transaction has changed, in two statements for each source."""
    session.flush()
    noted: dict[tuple[Source, int], str] = session.info.pop(_NOTED, {})
    for source in Source:
        changed = {row_id: each for (kind, row_id), each in sorted(noted.items()) if kind == source}
        forget(session, changed.keys(), source)
        _insert(session, source, changed)


def _drop(session: Session) -> None:
    session.info.pop(_NOTED, None)


event.listen(Session, "after_flush", _note)
event.listen(Session, "before_commit", _write)
event.listen(Session, "after_rollback", _drop)
