"""Which entries match, newest first: the newest ones are read, older ones looked up in the full-text index.

SQLite's index tells the newest places of whole words first, so there it is asked at once, unless too many
words begin as the last one does (beginnings.py). Else a common word is among the newest entries a hundred
times over, and asking the index for it would gather a million; a rare one is not, and its few places are in
the index. Between the two are common words that seldom meet: of those SQLite's index is asked for the rarest
alone (rarity.py).

PostgreSQL's index gathers all before it tells anything, so there each word begins with the stretch of entries
that it stands in, and the index is asked stretch by stretch, the newest first.

Looking far back takes as long as there are entries. When it is enough, the index is asked for nothing older:
what was found is told, and from where on somebody may go on (NotToTheEnd).

What an index says is looked over once more in any case: it knows which words a text has, not which stand side
by side. Whose account an entry is of is asked last, so that it costs something for what matches only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, starmap, takewhile
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import Session

from socialdesk.search import beginnings, rarity
from socialdesk.search.patience import NotToTheEnd, Patience
from socialdesk.search.queries import Clause, Wanted

RECENT, DEEP = 2_000, 80_000  # entries that are read one by one
_PROMISING = 3  # matches among the recent ones: further down there will be a page full of them
_ABOVE_ALL = 2**31 - 1
_FEW, _MOST = 24, 5_000  # matches told together: at first a page and a few, then ever more of them
_TIMES = 4
_UNREAD = ""  # the source of a row that says below which entry the index was not asked
# Entries that SQLite's index is asked for at first: then it is known how long they take, and it is asked once
# more. Half a millisecond is no entry's, and to find the places of a word costs more than to go on from them.
_RANGE = 2**18
_ANYHOW = 0.0005
_FASTER = 2
# For PostgreSQL, whose planner takes reading a text as words for cheap and would do it with a whole table.
# And where the beginning of a word has more places than fit into memory, the index tells pages, whose texts
# are all read.
PLANNED_BY = {"enable_seqscan": "off", "work_mem": "64MB"}


class Match(NamedTuple):
    """`case_id` is None where the text stands in no case any more, and for a customer's, who has several."""

    id: int
    source: str
    source_id: int
    case_id: int | None


Batches = Iterator[Sequence[Match]]  # newest first, none of them empty


@dataclass(slots=True)
class _Reading:
    """How far matches were read: the last one's entry, and how many there were."""

    below: int
    number: int = 0

    def on(self, batches: Batches, patience: Patience) -> Batches:
        """The batches, one after the other. Raises TooLong when reading them takes too long."""
        for batch in batches:
            self.below, self.number = batch[-1].id, self.number + len(batch)
            yield batch
            patience.check()
        patience.check()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, and in which accounts: None is all."""

    session: Session
    wanted: Wanted
    accounts: Collection[int] | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    @property
    def conditions(self) -> tuple[str, dict[str, Any]]:
        """That an entry's words contain every phrase; a handle stands first, and with customers only."""
        place = "instr" if self.is_sqlite else "strpos"
        found: list[str] = []
        values: dict[str, Any] = {}
        for at, phrase in enumerate(self.wanted.phrases):
            names = {f"phrase_{at}_{number}": each for number, each in enumerate(phrase.patterns)}
            values |= names
            held = "= 1" if self.wanted.handle else "> 0"
            found.append(" OR ".join(f"{place}(search_entries.words, :{name}) {held}" for name in names))
        found = [f"({each})" for each in found]
        if self.wanted.handle:
            found.append("source || '' = 'customer'")  # by itself the index on sources would tell them all
        return " AND ".join(found), values

    def matches(self, query: str, **values: Any) -> Sequence[Match]:
        """What the query finds; `words`, `accounts` and `case` in it stand for what is asked of entries."""
        condition, told = self.conditions
        if self.accounts is not None:
            told["accounts"] = list(self.accounts)
        scoped = "true" if self.accounts is None else _IN_ACCOUNTS
        statement = text(query.format(words=condition, accounts=scoped, case=_CASE))
        for name in {"accounts", "case_ids"} & {*told, *values}:
            statement = statement.bindparams(bindparam(name, expanding=True))
        rows = self.session.connection().execute(statement, told | values).all()
        return [*starmap(Match, rows)]

    def batches(self, query: str, *, below: int, most: int = _FEW, **values: Any) -> Batches:
        """The query's matches below that entry, at first so many at most, as long as somebody asks for more.

        Each time in a statement of its own: PostgreSQL plans a cursor's anew, and every handful that is taken
        from it is one more way there and back.
        """
        while batch := self.matches(query, below=below, most=most, **values):
            yield batch
            if len(batch) < most:
                return
            below, most = batch[-1].id, min(most * _TIMES, _MOST)


def newest_first(asked: Asked, before: int | None, patience: Patience) -> Batches:
    """The matching entries below `before`, as long as somebody asks for more. Raises NotToTheEnd behind those
    that were found when it is enough."""
    top = before or _ABOVE_ALL
    reading = _Reading(top)
    if asked.is_sqlite and (words := beginnings.spelled_out(asked.session, asked.wanted.clauses)) is not None:
        yield from reading.on(looked_up(asked, words, patience, below=top), patience)
        return
    yield from reading.on(islice(recent(asked, top=top, below=top), 1), patience)
    if reading.number >= _PROMISING:
        deeper = recent(asked, top=top, below=reading.below, depth=DEEP, most=_FEW * _TIMES)
        yield from reading.on(deeper, patience)
    clauses = asked.wanted.clauses
    if asked.is_sqlite:
        clauses = rarity.telling(asked.session, clauses, top)
    yield from reading.on(looked_up(asked, clauses, patience, below=reading.below), patience)


def recent(asked: Asked, *, top: int, below: int, depth: int = RECENT, most: int = _FEW) -> Batches:
    """The newest matches below that entry, of those that are not far below `top`, read one by one."""
    return asked.batches(_RECENT, top=top, below=below, depth=depth, most=most)


def looked_up(asked: Asked, clauses: Sequence[Clause], patience: Patience, *, below: int) -> Batches:
    """The newest matches below that entry, by the full-text index, which is asked for these clauses. Raises
    NotToTheEnd when it is enough; the newest entries are read in any case, so that each time it gets on."""
    if not all(clauses):
        return
    query, terms = (_FTS5, _fts5(clauses)) if asked.is_sqlite else (_GIN, _gin(clauses))
    most, length = _FEW, _first_range(clauses)
    while True:
        began = monotonic()
        told = {"length": length} if asked.is_sqlite else {"milliseconds": patience.left() * 1000}
        rows = asked.matches(query, below=below, most=most, terms=terms, **told)
        took = monotonic() - began  # and what is done with the rows is not counted
        found = [*takewhile(lambda row: row.source != _UNREAD, rows)]
        if found:
            yield found
        if len(found) == most:
            below, most = found[-1].id, min(most * _TIMES, _MOST)
        elif len(found) == len(rows):
            return
        else:
            below = rows[len(found)].id
            if length != _RANGE or not patience.left():
                raise NotToTheEnd(below)
            length = _next_range(took, patience.left())


def _first_range(clauses: Sequence[Clause]) -> int:
    """For a beginning SQLite gathers all its places, however few are asked for: so all are."""
    begins = any(begins for clause in clauses for terms in clause for _, begins in terms)
    return _ABOVE_ALL if begins else _RANGE


def _next_range(took: float, left: float) -> int:
    """As many entries as fit into the seconds that are left, when the first range took so many."""
    fitting = _FASTER * _RANGE * left / max(took - _ANYHOW, 1e-6)
    return max(_RANGE + 1, min(int(fitting), _ABOVE_ALL))


def _fts5(clauses: Sequence[Clause]) -> str:
    return _query(clauses, '"{}"', '"{}" *', "AND", "OR")


def _gin(clauses: Sequence[Clause]) -> str:
    return _query(clauses, "#{}", "#{}:*", "&", "|")


def _query(clauses: Sequence[Clause], whole: str, begun: str, both: str, either: str) -> str:
    """Tokens are letters and digits, nothing that either database would take for an order."""
    told = [
        [[(begun if begins else whole).format(token) for token, begins in terms] for terms in clause]
        for clause in clauses
    ]
    alternatives = [[f" {both} ".join(terms) for terms in clause] for clause in told]
    return f" {both} ".join(
        f"(({f') {either} ('.join(each)}))" if len(each) > 1 else each[0] for each in alternatives
    )


def in_cases(asked: Asked, case_ids: Collection[int], since: int) -> Sequence[Match]:
    """What matches in these cases, from the entry `since` on."""
    return asked.matches(_IN_CASES, case_ids=list(case_ids), since=since)


_RECENT = (
    "SELECT id, source, source_id, {case} FROM search_entries WHERE id < :below AND id >="
    " (SELECT max(id) FROM search_entries WHERE id < :top) - :depth AND {words} AND {accounts}"
    " ORDER BY id DESC LIMIT :most"
)
# The ids in both queries are kept from the planners, so that only the full-text index is asked.
_FTS5 = (
    "SELECT * FROM (SELECT id, source, source_id, {case} FROM search_words CROSS JOIN search_entries"
    " ON search_entries.id = search_words.rowid"
    " WHERE search_words MATCH :terms AND search_words.rowid < :below"
    " AND search_words.rowid >= (SELECT max(id) FROM search_entries WHERE id < :below) - :length"
    " AND {words} AND {accounts} ORDER BY search_words.rowid DESC LIMIT :most)"
    " UNION ALL SELECT id - :length, '', 0, NULL"
    " FROM (SELECT id FROM search_entries WHERE id < :below ORDER BY id DESC LIMIT 1) WHERE id - :length > 1"
)
# As the index has it (migration 0041): before each word the number of its stretch, 32,768 entries long. A
# stretch is asked for when the matches of those before it were all read, and the accounts of no more matches
# than are shown. When the time is over, each of the others only says where it ends.
_GIN = (
    "SELECT id, source, source_id, {case} FROM (SELECT stretch, number = 1 OR clock_timestamp()"
    " < statement_timestamp() + :milliseconds * interval '1 millisecond' AS going"
    " FROM generate_series((SELECT max(id) FROM search_entries WHERE id < :below) >> 15, 0, -1)"
    " WITH ORDINALITY AS each (stretch, number) OFFSET 0) AS stretches"
    " CROSS JOIN LATERAL ((SELECT id, source, source_id FROM search_entries WHERE going"
    " AND CAST(replace(rtrim(words), ' ', ' ' || lpad(to_hex(id >> 15), 4, '0')) AS tsvector)"
    " @@ CAST(replace(:terms, '#', lpad(to_hex(stretch), 4, '0')) AS tsquery)"
    " AND id + 0 < :below AND {words} ORDER BY id DESC OFFSET 0)"
    " UNION ALL SELECT (stretch + 1) << 15, '', 0 WHERE NOT going) AS matching"
    " WHERE source = '' OR {accounts} LIMIT :most"
)
_IN_CASES = (
    "SELECT search_entries.id, source, source_id, {case} FROM (SELECT 'message' AS kind, id AS row_id"
    " FROM messages WHERE case_id IN :case_ids"
    " UNION ALL SELECT 'reply', id FROM replies WHERE case_id IN :case_ids"
    " UNION ALL SELECT 'note', id FROM notes WHERE case_id IN :case_ids"
    " UNION ALL SELECT 'customer', customer_id FROM cases WHERE id IN :case_ids) AS theirs"
    " JOIN search_entries ON source = kind AND source_id = row_id WHERE search_entries.id >= :since"
    " AND {words} AND {accounts}"
)
# What was sent is found as the message that it is now, and a customer's words stand in all of his cases.
_CASE = (
    "CASE source WHEN 'message' THEN (SELECT case_id FROM messages WHERE messages.id = source_id)"
    " WHEN 'reply' THEN (SELECT case_id FROM replies WHERE replies.id = source_id"
    " AND state NOT IN ('sent', 'cancelled'))"
    " WHEN 'note' THEN (SELECT case_id FROM notes WHERE notes.id = source_id AND deleted_at IS NULL) END"
)
_IN_ACCOUNTS = (
    "CASE source"
    " WHEN 'message' THEN (SELECT account_id FROM messages WHERE messages.id = source_id) IN :accounts"
    " WHEN 'reply' THEN (SELECT account_id FROM replies WHERE replies.id = source_id) IN :accounts"
    " WHEN 'note' THEN (SELECT account_id FROM notes WHERE notes.id = source_id) IN :accounts"
    # The sign keeps SQLite from reading all cases of an account.
    " ELSE EXISTS (SELECT 1 FROM cases WHERE customer_id = source_id AND +account_id IN :accounts) END"
)
