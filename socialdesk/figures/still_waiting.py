"""The cases that wait for us now, and how old each wait for a first answer is that goes on.

Few are read one by one; of many each comes with others that are as old within 2 %, counted by the database,
so that a backlog of ten thousand is some hundred rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import log
from typing import Any, NamedTuple

from sqlalchemy import Float, Integer, case, cast, extract, func, literal, select, text
from sqlmodel import Session, col

from socialdesk import clock, counts, targets
from socialdesk.cases import Case, Status
from socialdesk.counts import CaseCount
from socialdesk.figures.asking import Asked
from socialdesk.figures.durations import RATIO, length_of

EXACT_UP_TO = 500  # cases
_SECOND = timedelta(seconds=1)


class Going(NamedTuple):
    """So many waits of one account, language and channel that began then and go on."""

    language: str
    account_id: int
    visibility: str
    began_at: datetime
    number: int = 1


class Waiting(NamedTuple):
    """The cases that wait for us now: by language how many and since when the oldest of them, and the waits
    for a first answer that go on."""

    cases: Mapping[str, int]
    oldest: Mapping[str, datetime]
    going: Sequence[Going]


def read(
    session: Session, asked: Asked, *, compared: Asked | None = None, exact_up_to: int = EXACT_UP_TO
) -> Waiting:
    """The backlog whatever the period, and of the waits that go on those that began in it. Of two waits that
    are told together, either both began in the period, or neither, and the same of the one that it is
    `compared` with."""
    number, oldest = _backlog(session, asked)
    periods = [asked, compared] if compared else [asked]
    if sum(number.values()) <= exact_up_to:
        return Waiting(number, oldest, _one_by_one(session, asked, periods))
    return Waiting(number, oldest, _by_age(session, asked, periods))


def _backlog(session: Session, asked: Asked) -> tuple[dict[str, int], dict[str, datetime]]:
    """By language how many cases wait, and since when the oldest of them: from an index that holds nothing
    else, or, where all of them are meant, from what is kept."""
    table: Any = Case
    query = _WHOLE_BACKLOG
    if asked.accounts is not None or asked.visibility:
        query = select(table.language, func.count(), func.min(table.waiting_since)).where(
            _IN_BACKLOG, asked.whose(table, channel=table.visibility)
        )
        query = query.group_by(table.language)
    rows = session.connection().execute(query).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows if row[2]}


def _one_by_one(session: Session, asked: Asked, periods: Sequence[Asked]) -> Sequence[Going]:
    query = _all(asked, periods, *_WHOSE, Case.unanswered_since)
    return [Going(*row) for row in session.connection().execute(query)]


def _all(asked: Asked, periods: Sequence[Asked], *columns: Any) -> Any:
    """Those that may have begun in one of the periods."""
    table: Any = Case
    query = select(*columns).where(
        table.unanswered_since.is_not(None), asked.whose(table, channel=table.visibility)
    )
    begun = [since for since, _ in (period.moments for period in periods) if since]
    return query.where(table.unanswered_since >= min(begun)) if len(begun) == len(periods) else query


def _by_age(session: Session, asked: Asked, periods: Sequence[Asked]) -> Sequence[Going]:
    """Whose they are only as far as business hours depend on it."""
    now, began, bounds = clock.now(), col(Case.unanswered_since), _bounds(periods)
    differ = targets.in_force(session).hours_differ
    part = sum((case((began >= each, 1), else_=0) for each in bounds), start=literal(0))
    step = _step(now, sqlite=session.get_bind().dialect.name == "sqlite")
    whose = _WHOSE if differ else _WHOSE[:1]
    each = _all(asked, periods, step.label("step"), part.label("part"), *whose).subquery()
    in_order = *[each.c[column.key] for column in whose], each.c.step, each.c.part  # nearly as the index is
    rows = session.connection().execute(select(func.count(), *each.c).group_by(*in_order)).all()
    began_at = {
        place: _within(now - length_of(int(place[0] or 0)), place[1], bounds)
        for place in {(step, part) for _, step, part, *_ in rows}
    }
    if differ:
        return [
            Going(language, account_id, visibility, began_at[step, part], number)
            for number, step, part, language, account_id, visibility in rows
        ]
    return [Going(language, 0, "", began_at[step, part], number) for number, step, part, language in rows]


def _bounds(periods: Sequence[Asked]) -> list[datetime]:
    """Where these periods begin or end, in order; what is still to come divides nothing."""
    moments = {each for period in periods for each in period.moments}
    return sorted(each for each in moments if each is not None and each <= clock.now())


def _within(began_at: datetime, part: int, bounds: Sequence[datetime]) -> datetime:
    """The same moment, or the nearest in that part of time."""
    if part:
        began_at = max(began_at, bounds[part - 1])
    return min(began_at, bounds[part] - _SECOND) if part < len(bounds) else began_at


def _step(now: datetime, *, sqlite: bool) -> Any:
    """As durations.step_of, but that nothing is too long. SQLite has no logarithm of what is not positive
    and says NULL."""
    began: Any = Case.unanswered_since
    if sqlite:
        # Cut off, not floor(): that is a function in Python there, called for each row.
        return cast(func.ln(int(now.timestamp()) - func.unixepoch(began)) / log(RATIO), Integer) + 1
    age = func.greatest(literal(now.timestamp(), Float) - cast(extract("epoch", began), Float), literal(1.0))
    return func.floor(func.ln(age) / log(RATIO)) + 1


_WHOSE: Any = (Case.language, Case.account_id, Case.visibility)
# For whoever is snoozed the customer still waits.
_OLDEST = select(func.min(Case.waiting_since)).where(
    col(Case.status) == Status.WAITING, col(Case.language) == col(CaseCount.language)
)
_WHOLE_BACKLOG = (
    select(col(CaseCount.language), func.sum(CaseCount.cases), _OLDEST.scalar_subquery())
    .where(col(CaseCount.status).in_((counts.WAITING, counts.SNOOZED)), col(CaseCount.cases) > 0)
    .group_by(col(CaseCount.language))
)
# As the index says it: with parameters in their place neither database would know that it serves.
_IN_BACKLOG = text("cases.status = 'waiting' AND cases.account_id IS NOT NULL")
