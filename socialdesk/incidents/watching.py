"""Looks for waves: topics of which far more cases were opened lately than in the same hours of other weeks.

Two statements at most, however busy the desk: one over the cases of the last minutes and, where a topic has
enough of them, one over those of the same minutes in other weeks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, literal, union_all
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.figures.buckets import DAILY
from socialdesk.figures.rollups import TopicCount
from socialdesk.incidents.rises import Rise
from socialdesk.polling.rates import LEAST_WEEKS, MOST_WEEKS, WEEK
from socialdesk.settings import Incidents

_DAY = timedelta(days=1)
_PARTS = (6, 3, 1)  # of the longest window: a steep wave is seen in the shortest
Matter = tuple[int, str]  # an account's row id and a topic
_Counts = dict[Matter, dict[str, list[int]]]  # by language, how many in each of the windows


@dataclass(frozen=True, slots=True)
class Sighted:
    """A topic that stands out now; `languages` are those in which it does."""

    account_id: int
    topic: str
    languages: Sequence[str]
    rise: Rise
    window: timedelta
    began_at: datetime


def look(session: Session, bounds: Incidents) -> list[Sighted]:
    """What stands out at this moment, by account and topic."""
    now, windows = clock.now(), [bounds.window / part for part in _PARTS]
    came = _came(session, now, windows)
    hot = {matter for matter, told in came.items() if _enough(told, bounds)}
    if not hot:
        return []
    known = _history(session, {account_id for account_id, _ in hot}, now)
    before = _before(session, now, windows, hot, known)
    found = (_sight(matter, came[matter], before, known, windows, bounds) for matter in sorted(hot))
    return [_dated(session, each, now) for each in found if each]


def _enough(told: Mapping[str, Sequence[int]], bounds: Incidents) -> bool:
    """For a wave in all languages together, whatever the history."""
    return sum(counts[-1] for counts in told.values()) >= min(bounds.least_cases, bounds.least_cases_new)


def _came(session: Session, now: datetime, windows: Sequence[timedelta]) -> _Counts:
    rows = session.connection().execute(_counted(now, windows))
    return _sorted(((account_id, topic), language, counts) for account_id, topic, language, *counts in rows)


def _counted(end: datetime, windows: Sequence[timedelta], *labels: Any) -> Any:
    """By account, topic and language, how many cases were opened in the windows that ended then."""
    columns: Any = (*labels, Case.account_id, Case.topic, Case.language)
    within = (func.sum(cast(col(Case.opened_at) > end - window, Integer)) for window in windows)
    return (
        select(*columns, *within)
        .where(
            col(Case.opened_at) > end - windows[-1],
            col(Case.opened_at) <= end,
            col(Case.topic).is_not(None),
            col(Case.merged_into_id).is_(None),
        )
        .group_by(col(Case.account_id), col(Case.topic), col(Case.language))
    )


def _sorted(rows: Any) -> _Counts:
    found: _Counts = defaultdict(dict)
    for matter, language, counts in rows:
        known = found[matter].get(language, [0] * len(counts))
        found[matter][language] = [one + other for one, other in zip(known, counts, strict=True)]
    return found


def _history(session: Session, account_ids: set[int], now: datetime) -> dict[int, list[timedelta]]:
    """By account, how far back lie the periods that it is compared with: weeks, or days while it is new."""
    return {account_id: _periods(session, account_id, now) for account_id in sorted(account_ids)}


def _periods(session: Session, account_id: int, now: datetime) -> list[timedelta]:
    first = session.exec(
        select(TopicCount.start)
        .where(TopicCount.grain == DAILY, TopicCount.account_id == account_id)
        .order_by(col(TopicCount.start))
        .limit(1)
    ).first()
    length = now - datetime.fromtimestamp(first * 3600, now.tzinfo) if first is not None else timedelta()
    if length // WEEK >= LEAST_WEEKS:
        return [back * WEEK for back in range(1, min(MOST_WEEKS, length // WEEK) + 1)]
    return [back * _DAY for back in range(1, min(7, length // _DAY) + 1)]


def _before(
    session: Session,
    now: datetime,
    windows: Sequence[timedelta],
    hot: set[Matter],
    known: Mapping[int, Sequence[timedelta]],
) -> _Counts:
    """The same counts of the other periods, those of each account's own together."""
    backs = sorted({back for periods in known.values() for back in periods})
    if not backs:
        return {}
    topics = sorted({topic for _, topic in hot})
    queries = [
        _counted(now - back, windows, literal(number).label("period")).where(col(Case.topic).in_(topics))
        for number, back in enumerate(backs)
    ]
    rows = session.connection().execute(union_all(*queries))
    return _sorted(
        ((account_id, topic), language, counts)
        for number, account_id, topic, language, *counts in rows
        if backs[number] in known.get(account_id, ())
    )


def _sight(
    matter: Matter,
    came: Mapping[str, Sequence[int]],
    before: Mapping[Matter, Mapping[str, Sequence[int]]],
    known: Mapping[int, Sequence[timedelta]],
    windows: Sequence[timedelta],
    bounds: Incidents,
) -> Sighted | None:
    """In the shortest window in which it does; several languages at once are one wave."""
    periods, earlier = known[matter[0]], before.get(matter, {})
    settled = bool(periods) and periods[0] == WEEK
    for number, window in enumerate(windows):
        rises = dict(_rises(came, earlier, number, len(periods), settled=settled))
        alone = [language for language, rise in rises.items() if rise.stands_out(bounds)]
        total = Rise(
            sum(rise.came for rise in rises.values()),
            sum(counts[number] for counts in earlier.values()),
            len(periods),
            settled,
        )
        if alone or total.stands_out(bounds):
            languages = alone or [each for each, rise in rises.items() if rise.came > (rise.usual or 0)]
            return Sighted(*matter, sorted(languages), total, window, clock.now() - window)
    return None


def _rises(
    came: Mapping[str, Sequence[int]],
    earlier: Mapping[str, Sequence[int]],
    number: int,
    periods: int,
    *,
    settled: bool,
) -> Iterator[tuple[str, Rise]]:
    for language, counts in came.items():
        if counts[number]:
            before = earlier[language][number] if language in earlier else 0
            yield language, Rise(counts[number], before, periods, settled)


def _dated(session: Session, sighted: Sighted, now: datetime) -> Sighted:
    """It began where what came since is most over twice the usual."""
    since = now - 2 * sighted.window
    query = select(Case.opened_at).where(
        Case.account_id == sighted.account_id,
        Case.topic == sighted.topic,
        col(Case.language).in_(sighted.languages),
        col(Case.opened_at) > since,
        col(Case.opened_at) <= now,
    )
    moments = session.exec(query.order_by(col(Case.opened_at).desc())).all()
    pace = 2 * (sighted.rise.usual or 0) / sighted.window.total_seconds()
    over = [number + 1 - pace * (now - at).total_seconds() for number, at in enumerate(moments)]
    began_at = moments[over.index(max(over))] if over else sighted.began_at
    return Sighted(
        sighted.account_id, sighted.topic, sighted.languages, sighted.rise, sighted.window, began_at
    )
