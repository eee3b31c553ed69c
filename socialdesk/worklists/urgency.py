"""Which waiting case comes next: exposed ones, then what is due first, then who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    literal,
    text,
    tuple_,
    union_all,
)
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.database import at_most
from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _

# As the indexes say it: with a parameter in its place neither database would know that they serve.
WAITING = text("cases.status = 'waiting'")
_CASE: Any = Case
_MOMENT = _CASE.due_at.type


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the waiting cases ended; the next one begins behind it."""

    exposed: bool
    due_at: datetime | None
    waiting_since: datetime
    case_id: int

    @property
    def part(self) -> int:
        """The list has four: exposed cases that are due, other exposed ones, and all others likewise."""
        return 2 * (not self.exposed) + (self.due_at is None)


def place_to_come(*, exposed: bool, timed: bool) -> Place:
    """For a query that is made once: its values are those of `place_due_at`, `place_at` and `place_id`."""
    due_at: Any = bindparam("place_due_at", type_=_MOMENT) if timed else None
    waiting_since: Any = bindparam("place_at", type_=_MOMENT)
    case_id: Any = bindparam("place_id", type_=Integer)
    return Place(exposed, due_at, waiting_since, case_id)


def place_of(case: Case) -> Place:
    """Of a case that waits."""
    assert case.waiting_since is not None
    assert case.id is not None
    return Place(case.exposed, case.due_at, case.waiting_since, case.id)


def ranked(
    size: int,
    *conditions: ColumnElement[bool],
    after: Place | None = None,
    until: Any = None,
) -> Subquery:
    """So many of the next cases that wait and are not snoozed, to be joined by `id` and sorted by `order`;
    with `until` only those that are due by then. Raises BadInput for a place in that list that is not due.

    Each part of the list is read along an index of its own, all in one statement: sorted together, either
    database would read every waiting case. Conditions on the language or the topic have their indexes.
    """
    if until is not None:
        if after and after.due_at is None:
            raise BadInput(_("That page of the queue does not exist: begin at its top."))
        conditions = (*conditions, col(Case.due_at) <= until)
    parts = [
        _part(part, conditions, after if after and after.part == part else None)
        .limit(at_most(size))
        .subquery()
        for part in range(after.part if after else 0, 4)
        if until is None or _timed(part)
    ]
    return union_all(*(select(each) for each in parts)).subquery("ranked")


def order(ranking: Subquery) -> tuple[Any, ...]:
    """What the rows of `ranked` are sorted by."""
    columns = ranking.c
    return columns.part, columns.due_at, columns.waiting_since, columns.id


def waiting(
    session: Session, *conditions: ColumnElement[bool], size: int, after: Place | None = None
) -> Sequence[Case]:
    """The next cases themselves, most urgent first."""
    ranking = ranked(size, *conditions, after=after)
    query = select(Case).join(ranking, ranking.c.id == Case.id)
    return session.exec(query.order_by(*order(ranking)).limit(size)).all()


@cache
def due_counts(name: str, *, of_accounts: bool) -> Any:
    """For counts.of_lists: how many cases that wait and are not snoozed are due at `until` or before, at most
    so many as `most` altogether, and where wanted of some `accounts` only."""
    due = select(Case.account_id).where(WAITING, col(Case.due_at) <= bindparam("until"))
    if of_accounts:
        due = due.where(col(Case.account_id).in_(bindparam("accounts", expanding=True)))
    most = bindparam("most", type_=Integer, literal_execute=True)  # as database.at_most
    some = due.where(col(Case.snoozed_until).is_(None)).limit(most).subquery()
    columns: tuple[Any, ...] = (some.c.account_id, literal(name), literal(""), literal(0), func.count())
    return select(*columns).group_by(some.c.account_id)


def breaching(session: Session, *, within: timedelta, most: int = 100) -> Sequence[Case]:
    """Cases whose due time has passed or will within so long, what is due first coming first."""
    until = clock.now() + within
    due = select(Case).where(WAITING, col(Case.due_at) <= until)
    return session.exec(
        due.order_by(col(Case.due_at), col(Case.waiting_since), col(Case.id)).limit(most)
    ).all()


def _told(*values: Any) -> Any:
    """A place's values, or what stands for them where they are to come."""
    types = (None if isinstance(value, int) else _MOMENT for value in values)
    pairs = zip(values, types, strict=True)
    return tuple_(*(each if isinstance(each, BindParameter) else literal(each, kind) for each, kind in pairs))


def _timed(part: int) -> bool:
    return part % 2 == 0


def _part(part: int, conditions: Sequence[ColumnElement[bool]], after: Place | None) -> Select[Any]:
    exposed, timed = part < 2, _timed(part)
    due_at, since = col(Case.due_at), col(Case.waiting_since)
    query: Any = select(literal(part).label("part"), due_at, since, col(Case.id))
    # The status of exposed cases is not asked for: SQLite would take the index of that.
    kind = col(Case.exposed) if exposed else and_(WAITING, ~col(Case.exposed))
    query = query.where(kind, col(Case.snoozed_until).is_(None), *conditions)
    query = query.where(due_at.is_not(None) if timed else due_at.is_(None))
    if after and timed:
        here = _told(after.due_at, after.waiting_since, after.case_id)
        query = query.where(tuple_(due_at, since, col(Case.id)) > here)
    elif after:
        query = query.where(tuple_(since, col(Case.id)) > _told(after.waiting_since, after.case_id))
    ordered: Select[Any] = query.order_by(due_at, since, col(Case.id))
    return ordered
