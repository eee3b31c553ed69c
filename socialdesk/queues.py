"""The lists of cases that agents work from: longest waiting first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from socialdesk import counts, replies
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer

PAGE = 50
_AHEAD = 20  # how many cases are looked at for one that nobody is answering


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended; the next one begins behind it. Exposed cases come first."""

    at: datetime
    case_id: int
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are cases with their customers; `next` is None on the last page."""

    rows: Sequence[tuple[Case, Customer]]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many cases there are, by status over all languages, and by language in one status."""

    by_status: dict[str, int]
    by_language: dict[str, int]


def page(
    session: Session,
    status: Status,
    *,
    language: str | None = None,
    topic: str | None = None,
    after: Place | None = None,
    size: int = PAGE,
) -> Page:
    """Waiting cases by how long they have waited, exposed ones before all others; those of other lists by
    when something was last written in them."""
    query = _narrowed(language, topic)
    rows: list[tuple[Case, Customer]] = []
    for exposed in _parts(status, after):
        begins = after if after and after.exposed == exposed else None
        rows += session.exec(_part(query, status, exposed, begins).limit(size + 1 - len(rows))).all()
        if len(rows) > size:
            return Page(rows[:size], _end(rows[size - 1][0], status))
    return Page(rows, None)


def _narrowed(language: str | None, topic: str | None) -> Any:
    query: Any = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    if language:
        query = query.where(Case.language == language)
    return query.where(Case.topic == topic) if topic else query


def _parts(status: Status, after: Place | None) -> tuple[bool, ...]:
    """Whether exposed, for each part of the list from there on; only waiting cases ever are.

    Each part is read along an index of its own: in one statement either database would sort them all. Nor
    is the status of exposed cases asked for: SQLite would take the index of that.
    """
    return (True, False) if status == Status.WAITING and (after is None or after.exposed) else (False,)


def _part(query: Any, status: Status, exposed: bool, after: Place | None) -> Any:
    waiting = status == Status.WAITING
    moment = col(Case.waiting_since) if waiting else col(Case.last_message_at)
    query = query.where(col(Case.exposed)) if exposed else query.where(Case.status == status)
    if status == Status.RESOLVED:  # what was merged leads to another case, and is found there
        query = query.where(col(Case.merged_into_id).is_(None))
    if waiting and not exposed:
        query = query.where(~col(Case.exposed))
    if after:
        here, there = tuple_(moment, col(Case.id)), (after.at, after.case_id)
        query = query.where(here > there if waiting else here < there)
    return query.order_by(*((moment, col(Case.id)) if waiting else (moment.desc(), col(Case.id).desc())))


def numbers(session: Session, status: Status) -> Numbers:
    """Read from the kept counts: as fast with a million cases as with ten."""
    by_status: dict[str, int] = dict.fromkeys(Status, 0)
    by_language: dict[str, int] = {}
    for (kind, language), number in counts.by_status_and_language(session).items():
        by_status[kind] = by_status.get(kind, 0) + number
        if kind == status:
            by_language[language] = number
    return Numbers(by_status, dict(sorted(by_language.items(), key=lambda each: (-each[1], each[0]))))


def next_free(
    session: Session, case: Case, status: Status, *, language: str | None = None, topic: str | None = None
) -> Case | None:
    """The case to take after this one: the next in its list, else the first, that nobody is answering."""
    behind = Place(case.waiting_since, case.id, case.exposed) if case.waiting_since and case.id else None
    for place in dict.fromkeys((behind, None)):
        rows = page(session, status, language=language, topic=topic, after=place, size=_AHEAD).rows
        ids = [found.id for found, _ in rows if found.id and found.id != case.id]
        busy = replies.unsent(session, ids)
        if free := next((found for found, _ in rows if found.id in ids and found.id not in busy), None):
            return free
    return None


def _end(last: Case, status: Status) -> Place:
    at = last.waiting_since if status == Status.WAITING else last.last_message_at
    assert at is not None
    assert last.id is not None
    return Place(at, last.id, last.exposed)
