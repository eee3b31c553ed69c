"""The cases that wait for us now, and how old each wait for a first answer is that goes on.

Few are read one by one; of many each comes with others that are as old within 2 %, counted by the database,
so that a backlog of ten thousand is some hundred rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import log
from typing import Any, NamedTuple

from sqlalchemy import (
    Float,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlmodel import Session, col

from socialdesk import clock, counts, targets
from socialdesk.cases import Case, Status
from socialdesk.counts import CaseCount
from socialdesk.figures import kept
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
    since = _since(periods)
    query: Any = select(*_WHOSE, col(Case.unanswered_since)).where(
        _IS_GOING, _begun_after(since is not None), kept.is_theirs(Case, *kept.narrowed(asked))
    )
    rows = session.connection().execute(query, {"since": since} | kept.whose(asked))
    return [Going(*row) for row in rows]


def _since(periods: Sequence[Asked]) -> datetime | None:
    """Since when those may have begun that belong to one of the periods."""
    begun = [since for since, _ in (period.moments for period in periods) if since]
    return min(begun) if len(begun) == len(periods) else None


def _begun_after(since: bool) -> Any:
    return col(Case.unanswered_since) >= bindparam("since") if since else true()


def _by_age(session: Session, asked: Asked, periods: Sequence[Asked]) -> Sequence[Going]:
    """Whose they are only as far as business hours depend on it."""
    now, bounds, since = clock.now(), _bounds(periods), _since(periods)
    differ = targets.in_force(session).hours_differ
    sqlite = session.get_bind().dialect.name == "sqlite"
    query = _ages(sqlite, len(bounds), since is not None, *kept.narrowed(asked))
    values: dict[str, Any] = {f"bound_{place}": bound for place, bound in enumerate(bounds)}
    values |= {"since": since, "now": int(now.timestamp()) if sqlite else now.timestamp()}
    found: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for language, account_id, visibility, ages in session.connection().execute(
        query, values | kept.whose(asked)
    ):
        whose = (language, account_id, visibility) if differ else (language, 0, "")
        found[whose].update(ages.split(" "))
    began_at = {age: _began_at(now, int(age), bounds) for age in set().union(*found.values())}
    return [
        Going(language, account_id, visibility, began_at[age], number)
        for (language, account_id, visibility), ages in found.items()
        for age, number in ages.items()
    ]


@lru_cache(64)
def _ages(sqlite: bool, bounds: int, since: bool, accounts: bool, channel: bool) -> Any:
    """Each one's step and part as one number, those of an account, language and channel as one text.

    They are read in the order of their index: to sort and group ten thousand takes as long as all the rest.
    """
    began: Any = Case.unanswered_since
    # All that are read began after the first bound.
    first = 1 if since and bounds else 0
    parts = (case((began >= bindparam(f"bound_{place}"), 1), else_=0) for place in range(first, bounds))
    age = _step(sqlite=sqlite) * (bounds + 1) + sum(parts, start=literal_column(str(first), Integer))
    return (
        select(*_WHOSE, func.aggregate_strings(cast(age, Text), " "))
        .where(_IS_GOING, _begun_after(since), kept.is_theirs(Case, accounts, channel))
        .group_by(*_IN_ORDER)
    )


def _began_at(now: datetime, age: int, bounds: Sequence[datetime]) -> datetime:
    step, part = divmod(age, len(bounds) + 1)
    return _within(now - length_of(step), part, bounds)


def _bounds(periods: Sequence[Asked]) -> list[datetime]:
    """Where these periods begin or end, in order; what is still to come divides nothing."""
    moments = {each for period in periods for each in period.moments}
    return sorted(each for each in moments if each is not None and each <= clock.now())


def _within(began_at: datetime, part: int, bounds: Sequence[datetime]) -> datetime:
    """The same moment, or the nearest in that part of time."""
    if part:
        began_at = max(began_at, bounds[part - 1])
    return min(began_at, bounds[part] - _SECOND) if part < len(bounds) else began_at


def _step(*, sqlite: bool) -> Any:
    """As durations.step_of, but that nothing is too long. SQLite has no logarithm of what is not positive
    and says NULL."""
    began: Any = Case.unanswered_since
    if sqlite:
        # Cut off, not floor(): that is a function in Python there, called for each row.
        age = bindparam("now", type_=Integer) - func.unixepoch(began)
        return func.coalesce(cast(func.ln(age) / log(RATIO), Integer) + 1, 0)
    # Not extract(): that is an exact number there, and slow.
    age = func.greatest(bindparam("now", type_=Float) - func.date_part("epoch", began), literal(1.0))
    return cast(func.floor(func.ln(age) / log(RATIO)), Integer) + 1


_WHOSE: Any = (Case.language, Case.account_id, Case.visibility)
_IS_GOING = col(Case.unanswered_since).is_not(None)
_IN_ORDER: Any = (Case.account_id, Case.language, Case.visibility)
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
