"""The cases that a query finds, each once, by the newest of its words that match."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.people import scope
from socialdesk.search import matching, patience, places
from socialdesk.search.entries import Source
from socialdesk.search.excerpts import Piece, excerpt, marked
from socialdesk.search.matching import Asked
from socialdesk.search.patience import Patience
from socialdesk.search.places import Place, Standing
from socialdesk.search.queries import Wanted, parse

PAGE = 20
_FIRST = 24  # matches looked at together, a page and a few; each further time twice as many
_MOST = 5_000  # and never more: they become one statement's parameters


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
    chosen = {each.case_id: each for each in by_id}
    following = _choose(asked, limit, before, chosen, left) if wanted.clauses else None
    with scope.whole_desk(session):  # what was chosen is within it
        return Results(_hits(session, chosen, wanted), following)


def _choose(
    asked: Asked, limit: int, before: int | None, chosen: dict[int, Standing], left: Patience
) -> int | None:
    """Add what matches to `chosen`; returns the entry id below which the next page begins."""
    last = None
    with closing(_unseen(asked, before, left)) as unseen:
        for standing in unseen:
            if standing.case_id in chosen:
                continue
            if last is not None and len(chosen) >= limit and standing.entry_id != last:
                return last
            chosen[standing.case_id], last = standing, standing.entry_id
    return None


def _unseen(asked: Asked, before: int | None, left: Patience) -> Generator[Standing]:
    """Where the matching entries stand, without cases that pages before this one have shown."""
    with closing(matching.newest_first(asked, before, left)) as matches:
        number = _FIRST
        while batch := list(islice(matches, number)):
            found = places.of(asked.session, batch, asked.accounts)
            shown = _shown(asked, {each.case_id for each in found}, before)
            yield from (each for each in found if each.case_id not in shown)
            number = min(number * 2, _MOST)


def _shown(asked: Asked, case_ids: Collection[int], before: int | None) -> set[int]:
    """Those of the cases in which something newer matches too."""
    if before is None or not case_ids:
        return set()
    newer = list(matching.in_cases(asked, case_ids, before))
    return {each.case_id for each in places.of(asked.session, newer, asked.accounts)}


def _hits(session: Session, chosen: Mapping[int, Standing], wanted: Wanted) -> list[Hit]:
    query = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    rows = session.exec(query.where(col(Case.id).in_(chosen.keys()))).all() if chosen else []
    found = places.read(session, chosen.values(), {case.id or 0: case for case, _ in rows})
    hits = [_hit(found[case.id or 0], case, customer, wanted) for case, customer in rows]
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
