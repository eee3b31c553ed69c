"""Which words of SQLite's index begin as the last word looked for does.

Asked for a beginning, FTS5 gathers every place of every such word before it tells the first one: with a word
common among millions that takes longer than all the rest. Asked for whole words it tells the newest places,
and no more of them than somebody wants. So a beginning becomes the words that there are, where those are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session

from socialdesk.search.queries import Clause, Term

MOST = 12  # words; beside more of them FTS5 does better gathering

# Each step looks up the next word behind the one before: all that come behind it in the index begin with a
# character above the lowest one.
_WORDS = text(
    "WITH RECURSIVE found(word, number) AS ("
    " SELECT (SELECT term FROM search_vocabulary WHERE term >= :begun ORDER BY term LIMIT 1), 1"
    " UNION ALL"
    " SELECT (SELECT term FROM search_vocabulary WHERE term >= word || char(1) ORDER BY term LIMIT 1),"
    " number + 1 FROM found WHERE substr(word, 1, length(:begun)) = :begun AND number <= :most)"
    " SELECT word FROM found WHERE substr(word, 1, length(:begun)) = :begun"
)


def spelled_out(session: Session, clauses: Sequence[Clause]) -> list[Clause] | None:
    """The same clauses with whole words in place of beginnings; None where more words than a few begin so.
    One that is left without any alternative can't be met: no word begins so."""
    begun = {token for clause in clauses for terms in clause for token, begins in terms if begins}
    words = {token: _words(session, token) for token in begun}
    if any(len(each) > MOST for each in words.values()):
        return None
    return [tuple(_alternatives(clause, words)) for clause in clauses]


def _alternatives(clause: Clause, words: Mapping[str, Sequence[str]]) -> Iterator[tuple[Term, ...]]:
    """A term that only begins a word is the last one of its alternative."""
    for terms in clause:
        *others, (token, begins) = terms
        for word in words[token] if begins else [token]:
            yield (*others, (word, False))


def _words(session: Session, begun: str) -> Sequence[str]:
    """Those that begin so, in the index's order; one too many where there are more than MOST."""
    return session.connection().execute(_WORDS, {"begun": begun, "most": MOST}).scalars().all()
