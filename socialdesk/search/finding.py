"""The cases that a query finds, each once, by the newest of its words that match."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.customers import Customer, called
from socialdesk.people import scope
from socialdesk.search import matching, patience, places
from socialdesk.search.entries import Source
from socialdesk.search.excerpts import Piece, excerpt, marked
from socialdesk.search.matching import Asked, Match
from socialdesk.search.patience import NotToTheEnd, Patience
from socialdesk.search.places import Place, Standing
from socialdesk.search.queries import Wanted, parse

PAGE = 20


class Found(NamedTuple):
    """A case and its customer, whose are `handle`, `name` and `x_id`; all as in those two. Nothing else of
    them is read: whole ones take three times as long."""

    id: int
    customer_id: int
    status: str
    visibility: str
    language: str
    excerpt: str
    last_message_at: datetime
    handle: str | None
    name: str | None
    x_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A case and the newest of its words that match: a message's, a reply's that is not sent, or, when it
    was found by its customer, the customer's last ones.

    `handle`, `name` and `excerpt` are in pieces, those that match told apart.
    """

    case: Found
    source: Source
    message_id: int | None
    reply_id: int | None
    at: datetime
    language: str
    private: bool
    ours: bool
    handle: Sequence[Piece]
    name: Sequence[Piece]
    excerpt: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Results:
    """`next` is where the following page begins, None on the last one; `too_short` queries find nothing.
    Those that are `unfinished` may be few, or none: looking back took long enough, and nothing below `next`
    was read."""

    hits: Sequence[Hit]
    next: int | None = None
    too_short: bool = False
    unfinished: bool = False


def find(
    session: Session,
    query: str,
    *,
    account_ids: Collection[int] | None = None,
    limit: int = PAGE,
    before: int | None = None,
    enough: float = patience.ENOUGH_SECONDS,
) -> Results:
    """What the query finds in these accounts, or in all, newest first; a customer's cases stay together,
    so that a page may have a few more hits than `limit`. After `enough` seconds nothing older is looked for,
    and the results are `unfinished`. Raises TooLong rather than take seconds."""
    wanted = parse(query)
    if wanted is None:
        return Results([], too_short=True)
    with patience.within(session, enough=enough, planned_by=matching.PLANNED_BY) as left:
        return _find(Asked(session, wanted, account_ids), limit, before, left)


def _find(asked: Asked, limit: int, before: int | None, left: Patience) -> Results:
    session, wanted = asked.session, asked.wanted
    by_id = places.by_x_id(session, wanted.x_id, asked.accounts) if wanted.x_id else []
    chosen = {each.case_id: each for each in by_id}
    on_top = list(chosen) if before is not None else []  # of the first page, where they stand already
    following, unfinished = None, False
    try:
        if wanted.clauses:
            following = _choose(asked, limit + len(on_top), before, chosen, left)
    except NotToTheEnd as stopped:
        following, unfinished = stopped.below, True
    for case_id in on_top:
        del chosen[case_id]
    with scope.whole_desk(session):  # what was chosen is within it
        return Results(_hits(session, chosen, wanted), following, unfinished=unfinished)


def _choose(
    asked: Asked, limit: int, before: int | None, chosen: dict[int, Standing], left: Patience
) -> int | None:
    """Add what matches to `chosen`; returns the entry id below which the next page begins. When NotToTheEnd
    is raised, what was found until then is there."""
    last = None
    for standing in _unseen(asked, before, chosen, left):
        if last is not None and len(chosen) >= limit and standing.entry_id != last:
            return last
        chosen[standing.case_id], last = standing, standing.entry_id
    return None


def _unseen(asked: Asked, before: int | None, chosen: Collection[int], left: Patience) -> Iterator[Standing]:
    """Where the matching entries stand, without the cases that were chosen or stand on pages before."""
    for batch in matching.newest_first(asked, before, left):
        found = places.of(asked.session, _newest_of_each(batch, chosen), asked.accounts)
        shown = _shown(asked, {each.case_id for each in found}, before)
        for standing in found:
            if standing.case_id not in chosen and standing.case_id not in shown:
                yield standing


def _newest_of_each(batch: Iterable[Match], chosen: Collection[int]) -> list[Match]:
    """Of the matches in cases that were not chosen: a thread may say the same a thousand times."""
    seen: set[int | None] = set(chosen)
    found = []
    for match in batch:
        if match.case_id is None or match.case_id not in seen:
            seen.add(match.case_id)
            found.append(match)
    return found


def _shown(asked: Asked, case_ids: Collection[int], before: int | None) -> set[int]:
    """Those of the cases in which something newer matches too."""
    if before is None or not case_ids:
        return set()
    newer = matching.in_cases(asked, case_ids, before)
    return {each.case_id for each in places.of(asked.session, newer, asked.accounts)}


def _hits(session: Session, chosen: Mapping[int, Standing], wanted: Wanted) -> list[Hit]:
    rows = session.connection().execute(_FOUND, {"ids": list(chosen)}) if chosen else ()
    cases = {case.id: case for case in starmap(Found, rows)}
    found = places.read(session, chosen.values(), cases)
    hits = [_hit(found[case.id], case, wanted) for case in cases.values()]
    return sorted(hits, key=lambda hit: hit.at, reverse=True)


def _hit(place: Place, case: Found, wanted: Wanted) -> Hit:
    shown = called(case.handle, case.x_id)
    return Hit(
        case,
        place.source,
        message_id=place.source_id if place.source == Source.MESSAGE else None,
        reply_id=place.source_id if place.source == Source.REPLY else None,
        at=place.at,
        language=place.language or case.language,
        private=place.private,
        ours=place.ours,
        handle=marked(f"@{shown}" if case.handle else shown, wanted.phrases),
        name=marked(case.name or "", wanted.phrases),
        excerpt=excerpt(place.text, wanted.phrases),
    )


_OF_CUSTOMER = ("handle", "name", "x_id")
_COLUMNS = [getattr(Customer if name in _OF_CUSTOMER else Case, name) for name in Found._fields]
_FOUND: Any = (
    select(*_COLUMNS)
    .join_from(Case, Customer, col(Customer.id) == Case.customer_id)
    .where(among(col(Case.id), "ids"))
)
