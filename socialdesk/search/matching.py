"""Which entries match, newest first: the newest ones are read, older ones looked up in the full-text index.

A common word is among the newest entries a hundred times over, and asking an index for it would gather a
million; a rare one is not, and its few places are in the index. What the index says is looked over once more:
it knows which words a text has, not which stand side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text
from sqlmodel import Session

from socialdesk.search.queries import Wanted

RECENT = 4_000  # entries that are read one by one
_FIRST = 40  # entries asked for at once; each further time four times as many
_MOST = 5_000  # and never more: they become one statement's parameters

Conditions = tuple[str, dict[str, Any]]


class Match(NamedTuple):
    id: int
    source: str
    source_id: int


def newest_first(session: Session, wanted: Wanted, before: int | None) -> Iterator[Sequence[Match]]:
    """The matching entries below `before`, in batches; as long as somebody asks for more."""
    top = before or _newest(session) + 1
    floor = max(top - RECENT, 0)
    yield from _batches(top, lambda below, most: recent(session, wanted, floor=floor, below=below, most=most))
    if floor:
        yield from _batches(floor, lambda below, most: looked_up(session, wanted, below=below, most=most))


def in_cases(session: Session, wanted: Wanted, case_ids: Collection[int], since: int) -> list[Match]:
    """What matches in these cases, from the entry `since` on."""
    connection = session.connection()
    condition, values = _conditions(connection, wanted)
    values |= {"case_ids": list(case_ids), "since": since}
    found: list[Match] = []
    for source, ids in _IN_CASES.items():
        query = (
            "SELECT id, source, source_id FROM search_entries"  # noqa: S608
            f" WHERE source = '{source}' AND source_id IN ({ids}) AND id >= :since AND {condition}"
        )
        found += _matches(connection, query, values)
    return found


def _batches(top: int, ask: Callable[[int, int], Sequence[Match]]) -> Iterator[Sequence[Match]]:
    most = _FIRST
    while found := ask(top, most):
        yield found
        if len(found) < most:
            return
        top, most = found[-1].id, min(most * 4, _MOST)


def _newest(session: Session) -> int:
    return session.connection().execute(text("SELECT max(id) FROM search_entries")).scalar() or 0


def recent(session: Session, wanted: Wanted, *, floor: int, below: int, most: int) -> Sequence[Match]:
    """The newest matches among these entries, read one by one."""
    connection = session.connection()
    condition, values = _conditions(connection, wanted)
    query = (
        "SELECT id, source, source_id FROM search_entries"  # noqa: S608
        f" WHERE id >= :floor AND id < :below AND {condition} ORDER BY id DESC LIMIT :most"
    )
    return _matches(connection, query, values | {"floor": floor, "below": below, "most": most})


def looked_up(session: Session, wanted: Wanted, *, below: int, most: int) -> Sequence[Match]:
    """The newest matches below that entry, by the full-text index; the query has terms."""
    connection = session.connection()
    condition, values = _conditions(connection, wanted)
    values |= {"below": below, "most": most}
    if connection.dialect.name == "sqlite":
        terms = " AND ".join(f'"{token}"{" *" if begins else ""}' for token, begins in wanted.terms)
        return _matches(connection, _FTS5 % condition, values | {"terms": terms})
    # The planner takes reading a text as words for cheap and would do it with a whole table.
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    terms = " & ".join(f"{token}{':*' if begins else ''}" for token, begins in wanted.terms)
    return _matches(connection, _GIN % condition, values | {"terms": terms})


_IN_CASES = {
    "message": "SELECT id FROM messages WHERE case_id IN :case_ids",
    "reply": "SELECT id FROM replies WHERE case_id IN :case_ids",
    "customer": "SELECT customer_id FROM cases WHERE id IN :case_ids",
}
# Tokens are letters and digits, nothing that either database would take for an order. The ids in both
# queries are kept from the planners, so that only the full-text index is asked.
_FTS5 = (
    "SELECT id, source, source_id FROM search_words CROSS JOIN search_entries"
    " ON search_entries.id = search_words.rowid"
    " WHERE search_words MATCH :terms AND search_words.rowid < :below AND %s"
    " ORDER BY search_words.rowid DESC LIMIT :most"
)
_GIN = (
    "WITH matching AS MATERIALIZED (SELECT id, source, source_id FROM search_entries"
    " WHERE CAST(search_entries.words AS tsvector) @@ CAST(:terms AS tsquery) AND id + 0 < :below AND %s)"
    " SELECT id, source, source_id FROM matching ORDER BY id DESC LIMIT :most"
)


def _conditions(connection: Connection, wanted: Wanted) -> Conditions:
    """That an entry's words contain every phrase; a handle stands first, and with customers only."""
    place = "instr" if connection.dialect.name == "sqlite" else "strpos"
    values = {f"phrase_{at}": phrase.pattern for at, phrase in enumerate(wanted.phrases)}
    if wanted.handle:
        return f"source = 'customer' AND {place}(search_entries.words, :phrase_0) = 1", values
    return " AND ".join(f"{place}(search_entries.words, :{name}) > 0" for name in values), values


def _matches(connection: Connection, query: str, values: dict[str, Any]) -> Sequence[Match]:
    statement = text(query)
    if "case_ids" in values:
        statement = statement.bindparams(bindparam("case_ids", expanding=True))
    return [Match(*row) for row in connection.execute(statement, values)]
