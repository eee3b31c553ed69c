"""Which of the words looked for tell most: those that hardly any of the newest entries have.

An index that is asked for "the" and "quokka" reads where each of them stands, a million places and three.
Asked for the rarer one alone it gives a few texts too many, which are looked over anyhow. How rare words are
is counted in some thousand texts each time: that takes a few milliseconds, is the same on both databases, and
needs no statistics that would have to be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from socialdesk.search.queries import Clause

SAMPLE = 2_000  # of the newest entries
_COMMON = 20  # of the sample; what fewer of them have is never left out
_TIMES = 8  # as common as the rarest, and a word tells nothing beside it
_MOST = 6  # words asked for


def telling(session: Session, clauses: Sequence[Clause], below: int) -> list[Clause]:
    """Those to ask the full-text index for, the rarest first; never none of them."""
    if len(clauses) < 2:
        return list(clauses)
    counted = sorted(zip(_counted(session, clauses, below), range(len(clauses)), strict=True))
    enough = max(counted[0][0] * _TIMES, _COMMON)
    return [clauses[at] for often, at in counted if often <= enough][:_MOST]


def _counted(session: Session, clauses: Sequence[Clause], below: int) -> Sequence[int]:
    """In how many entries of the sample each stands."""
    place = "instr" if session.get_bind().dialect.name == "sqlite" else "strpos"
    values: dict[str, Any] = {"below": below, "sample": SAMPLE}
    sums = []
    for at, clause in enumerate(clauses):
        either = []
        for number, terms in enumerate(clause):
            names = {f"term_{at}_{number}_{place_}": term for place_, term in enumerate(terms)}
            values |= {name: f" {token}{'' if begins else ' '}" for name, (token, begins) in names.items()}
            either.append(" AND ".join(f"{place}(words, :{name}) > 0" for name in names))
        sums.append(f"count(CASE WHEN {' OR '.join(either)} THEN 1 END)")
    sample = "SELECT words FROM search_entries WHERE id < :below ORDER BY id DESC LIMIT :sample"
    query = f"SELECT {', '.join(sums)} FROM ({sample}) AS newest"  # noqa: S608
    return tuple(session.connection().execute(text(query), values).one())
