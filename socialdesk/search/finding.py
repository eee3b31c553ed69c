"""The cases that a query finds, each once, by the newest of its words that match."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.people import scope
from socialdesk.search import matching, patience, places
from socialdesk.search.entries import Source
from socialdesk.search.excerpts import Piece, excerpt, marked
from socialdesk.search.matching import Asked
from socialdesk.search.patience import Patience
from socialdesk.search.places import Place
from socialdesk.search.queries import Wanted, parse

PAGE = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A case and the newest of its words that match: a message's, a reply's that is not sent, or, when it
    was found by its customer, the customer's last ones.

    `handle`, `name` and `excerpt` are in pieces, those that match told apart.
    """

    case: Case
    customer: Customer
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
    """`next` is where the following page begins, None on the last one; `too_short` queries find nothing."""

    hits: Sequence[Hit]
    next: int | None = None
    too_short: bool = False


def find(
    session: Session,
    query: str,
    *,
    account_ids: Collection[int] | None = None,
    limit: int = PAGE,
    before: int | None = None,
) -> Results:
    """What the query finds in these accounts, or in all, newest first; a customer's cases stay together,
    so that a page may have a few more hits than `limit`. Raises TooLong rather than take seconds."""
    wanted = parse(query)
    if wanted is None:
        return Results([], too_short=True)
    with patience.within(session) as left:
        return _find(Asked(session, wanted, account_ids), limit, before, left)


def _find(asked: Asked, limit: int, before: int | None, left: Patience) -> Results:
    session, wanted = asked.session, asked.wanted
    by_id = places.by_x_id(session, wanted.x_id, asked.accounts) if wanted.x_id and before is None else []
    chosen = {place.case_id: place for place in by_id}
    following = _choose(asked, limit, before, chosen, left) if wanted.clauses else None
    with scope.whole_desk(session):  # what was chosen is within it
        return Results(_hits(session, chosen.values(), wanted), following)


def _choose(
    asked: Asked, limit: int, before: int | None, chosen: dict[int, Place], left: Patience
) -> int | None:
    """Add what matches to `chosen`; returns the entry id below which the next page begins."""
    last = None
    for place in _unseen(asked, before, left):
        if place.case_id in chosen:
            continue
        if last is not None and len(chosen) >= limit and place.entry_id != last:
            return last
        chosen[place.case_id], last = place, place.entry_id
    return None


def _unseen(asked: Asked, before: int | None, left: Patience) -> Iterator[Place]:
    """Where the matching entries stand, without cases that pages before this one have shown."""
    for batch in matching.newest_first(asked, before, left):
        found = places.of(asked.session, batch, asked.accounts)
        shown = _shown(asked, {place.case_id for place in found}, before)
        yield from (place for place in found if place.case_id not in shown)


def _shown(asked: Asked, case_ids: Collection[int], before: int | None) -> set[int]:
    """Those of the cases in which something newer matches too."""
    if before is None or not case_ids:
        return set()
    newer = matching.in_cases(asked, case_ids, before)
    return {place.case_id for place in places.of(asked.session, newer, asked.accounts)}


def _hits(session: Session, chosen: Iterable[Place], wanted: Wanted) -> list[Hit]:
    by_case = {place.case_id: place for place in chosen}
    query = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    rows = session.exec(query.where(col(Case.id).in_(by_case.keys()))).all() if by_case else []
    hits = [_hit(by_case[case.id or 0], case, customer, wanted) for case, customer in rows]
    return sorted(hits, key=lambda hit: hit.at, reverse=True)


def _hit(place: Place, case: Case, customer: Customer, wanted: Wanted) -> Hit:
    return Hit(
        case,
        customer,
        place.source,
        message_id=place.source_id if place.source == Source.MESSAGE else None,
        reply_id=place.source_id if place.source == Source.REPLY else None,
        at=place.at,
        language=place.language or case.language,
        private=place.private,
        ours=place.ours,
        handle=marked(f"@{customer.handle}" if customer.handle else customer.shown, wanted.phrases),
        name=marked(customer.name or "", wanted.phrases),
        excerpt=excerpt(place.text, wanted.phrases),
    )
