"""What there is to answer in the hours to come, and how fast: by the kept figures, in three statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from socialdesk import counts, hours
from socialdesk.cases import Case
from socialdesk.figures.buckets import HOURLY, hour_of, moment
from socialdesk.figures.rollups import FigureCount
from socialdesk.polling import rates
from socialdesk.routing.choosing import Person
from socialdesk.worklists.urgency import WAITING

HOURS = 24
WEEK_HOURS = 168
PACE_HOURS = 2 * WEEK_HOURS  # how far back it is looked how fast people answer
LEAST_EXCHANGED = 100  # messages in a language, before the replies to them say how many one takes
LEAST_MEASURED = 40  # hours with somebody on shift, before what they did says anything
HALF_A_PERSON = 0.5  # on shift for less than half an hour tells nothing of an hour
MOST_DUE = 5_000  # waiting cases whose due times are looked at


@dataclass(frozen=True, slots=True)
class Demand:
    """By language: how many cases wait, when those that have a due time are due, earliest first, and how many
    messages usually come in each of the coming hours, the running one first. `replied` is by past hour, and
    `efforts` are people's replies for each message, of languages where that is measured."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    dues: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    usual: Mapping[str, Sequence[float]] = field(default_factory=dict)
    replied: Mapping[int, int] = field(default_factory=dict)
    weeks: int = 0
    efforts: Mapping[str, float] = field(default_factory=dict)

    def effort(self, language: str) -> float:
        """How many replies a message takes, by what the desk has done; one where too little is known."""
        return self.efforts.get(language, 1.0)

    @property
    def languages(self) -> list[str]:
        """Those in which anybody waits, or is likely to write."""
        usual = {language for language, numbers in self.usual.items() if sum(numbers) >= 0.5}
        return sorted(usual | {language for language, number in self.waiting.items() if number > 0})


def read(session: Session, now: datetime, accounts: Collection[int] | None) -> Demand:
    """Of these accounts; None is all."""
    weeks, usual, replied, exchanged = _figures(session, now, accounts)
    waiting = _waiting(session, accounts)
    return Demand(waiting, _dues(session, now, accounts), usual, replied, weeks, _efforts(exchanged, waiting))


def _efforts(exchanged: Mapping[str, tuple[int, int]], waiting: Mapping[str, int]) -> dict[str, float]:
    """What still waits has had no chance of a reply: it is no message that took none."""
    answerable = {
        language: (received - waiting.get(language, 0), replied)
        for language, (received, replied) in exchanged.items()
    }
    return {
        language: replied / received
        for language, (received, replied) in answerable.items()
        if received >= LEAST_EXCHANGED and replied
    }


def pace(demand: Demand, people: Sequence[Person], otherwise: float) -> tuple[float, bool]:
    """How many replies a person writes in an hour, and whether that is measured: as many as in the busiest
    quarter of the hours with somebody on shift, at least, by the rosters as they are now. In quieter hours
    people answer less because there is less to answer."""
    found: list[float] = []
    for hour, number in demand.replied.items():
        there = sum(on_shift(each, moment(hour), moment(hour + 1)) for each in people)
        if number and there >= HALF_A_PERSON:
            found.append(number / there)
    if len(found) < LEAST_MEASURED:
        return otherwise, False
    found.sort()
    return found[len(found) * 3 // 4], True


def on_shift(person: Person, since: datetime, until: datetime) -> float:
    """How many hours of that time he is on shift, being away apart."""
    return hours.open_seconds(person.calendar, since, until) / 3600 if person.calendar else 0.0


def _figures(
    session: Session, now: datetime, accounts: Collection[int] | None
) -> tuple[int, dict[str, list[float]], dict[int, int], dict[str, tuple[int, int]]]:
    """How many weeks there are to go by, what usually comes, and what people have replied: by hour, and by
    language beside the messages of the same time."""
    this = hour_of(now)
    earliest: Any = aliased(FigureCount)
    first: Any = select(func.min(earliest.start)).where(earliest.grain == HOURLY)
    back = [
        this + ahead - week * WEEK_HOURS for week in range(1, rates.MOST_WEEKS + 1) for ahead in range(HOURS)
    ]
    start = col(FigureCount.start)
    columns: tuple[Any, ...] = (
        FigureCount.start,
        FigureCount.language,
        func.sum(FigureCount.received),
        func.sum(FigureCount.replied),
        _of(first, earliest, accounts).scalar_subquery(),
    )
    past = start.in_(back) | (start >= this - PACE_HOURS)
    query = select(*columns).where(FigureCount.grain == HOURLY, start < this, past)
    rows = session.exec(_of(query, FigureCount, accounts).group_by(start, col(FigureCount.language))).all()
    weeks = min(rates.MOST_WEEKS, (this - rows[0][4]) // WEEK_HOURS) if rows else 0
    usual: dict[str, list[float]] = defaultdict(lambda: [0.0] * HOURS)
    replied: Counter[int] = Counter()
    messages, replies = Counter[str](), Counter[str]()
    wanted = {hour: (hour - this) % WEEK_HOURS for hour in back if this - hour <= weeks * WEEK_HOURS}
    for hour, language, received, answered, _ in rows:
        if hour in wanted:
            usual[language][wanted[hour]] += int(received) / weeks
        if hour >= this - PACE_HOURS:
            replied[hour] += int(answered)
            messages[language] += int(received)
            replies[language] += int(answered)
    exchanged = {language: (number, replies[language]) for language, number in messages.items()}
    return weeks, dict(usual), dict(replied), exchanged


def _waiting(session: Session, accounts: Collection[int] | None) -> dict[str, int]:
    table = counts.CaseCount
    query: Any = select(table.language, func.sum(table.cases)).where(table.status == counts.WAITING)
    rows = session.exec(_of(query, table, accounts).group_by(col(table.language))).all()
    return {language: int(number) for language, number in rows if number > 0}


def _dues(session: Session, now: datetime, accounts: Collection[int] | None) -> dict[str, list[datetime]]:
    until = now + timedelta(hours=HOURS)
    query: Any = select(Case.language, Case.due_at).where(
        WAITING, col(Case.due_at) <= until, col(Case.snoozed_until).is_(None)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for language, due_at in session.exec(
        _of(query, Case, accounts).order_by(col(Case.due_at)).limit(MOST_DUE)
    ):
        found[language].append(due_at)
    return dict(found)


def _of(query: Any, table: Any, accounts: Collection[int] | None) -> Any:
    return query if accounts is None else query.where(col(table.account_id).in_(sorted(accounts)))
