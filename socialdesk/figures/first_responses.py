"""How long customers waited for a first answer, those who wait still counted with their age.

Few waits are read one by one and are exact; of many the kept steps are summed, within 2 %.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from socialdesk import clock, hours, targets
from socialdesk.cases import Case, Status
from socialdesk.figures import asking, durations
from socialdesk.figures.asking import Asked
from socialdesk.figures.durations import FEW
from socialdesk.figures.kept import KeptRows
from socialdesk.figures.still_waiting import Going
from socialdesk.figures.waits import Wait, WaitLength, length
from socialdesk.hours import Calendar

_NOTHING = timedelta()
_step_of = lru_cache(1024)(durations.step_of)  # many languages' waits are told with the same length
EXACT_UP_TO = 2_000  # waits, so many are read in a few milliseconds


@dataclass(slots=True)
class Lengths:
    """Waits one by one, by the clock and by business hours, and those of which only steps are known, as a
    packed number. `going` are those that go on, how long so far and how many."""

    single: list[timedelta] = field(default_factory=list)
    opened: list[timedelta] = field(default_factory=list)
    packed: int = 0
    going: Counter[timedelta] = field(default_factory=Counter)
    going_opened: Counter[timedelta] = field(default_factory=Counter)

    def told(self) -> FirstResponses:
        steps, opened = durations.parted(durations.unpacked(self.packed))
        by_clock = _quantiles(self.single, steps, self.going)
        by_hours = _quantiles(self.opened, opened, self.going_opened)
        number = len(self.single) + steps.total() + self.going.total()
        return FirstResponses(number, self.going.total(), *by_clock, *by_hours)


def _quantiles(
    single: Sequence[timedelta], steps: Counter[int], going: Counter[timedelta]
) -> tuple[timedelta | None, timedelta | None]:
    """The median and the wait that nine in ten did not exceed."""
    if not steps:
        in_order = sorted((*single, *going.elements()))
        return _at(in_order, 0.5), _at(in_order, 0.9)
    steps = steps.copy()
    steps.update(map(durations.step_of, single))
    for took, number in going.items():
        steps[_step_of(took)] += number
    return durations.quantile(steps, 0.5), durations.quantile(steps, 0.9)


def _at(in_order: Sequence[timedelta], share: float) -> timedelta | None:
    """The wait that this share did not exceed."""
    return in_order[max(0, ceil(share * len(in_order)) - 1)] if in_order else None


@dataclass(frozen=True, slots=True)
class FirstResponses:
    """`number` waits began in the period, `unanswered` of which go on. The last two are by business hours:
    None where none are set."""

    number: int = 0
    unanswered: int = 0
    median: timedelta | None = None
    ninetieth: timedelta | None = None
    open_median: timedelta | None = None
    open_ninetieth: timedelta | None = None

    @property
    def few(self) -> bool:
        """Whether there are too few to say much."""
        return 0 < self.number < FEW


NO_RESPONSES = FirstResponses()


def by_language(
    session: Session,
    asked: Asked,
    responded: int,
    still: Sequence[Going],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> dict[str, FirstResponses]:
    """The waits that began in the period; `responded` is how many of them have been answered, `still` are
    those that go on."""
    lengths: dict[str, Lengths] = defaultdict(Lengths)
    by_steps = responded > exact_up_to and asking.has_days(asked)
    for language, took, open_seconds in _read(session, asked, edges_only=by_steps):
        lengths[language].single.append(took)
        if open_seconds is not None:
            lengths[language].opened.append(timedelta(seconds=open_seconds))
    for language, steps in _summed(session, asked) if by_steps else ():
        lengths[language].packed += steps
    _add_those_who_wait(session, lengths, asked, still)
    return {language: each.told() for language, each in lengths.items()}


def _add_those_who_wait(
    session: Session, lengths: dict[str, Lengths], asked: Asked, still: Sequence[Going]
) -> None:
    now = clock.now()
    opened = Opened(session) if targets.in_force(session).has_business_hours else None
    begun = {going.began_at for going in still}
    ages = {began_at: max(_NOTHING, now - began_at) for began_at in begun if asked.holds(began_at)}
    for going in still:
        age = ages.get(going.began_at)
        if age is None:
            continue
        mine = lengths[going.language]
        mine.going[age] += going.number
        so_far = opened.so_far(going, now) if opened else None
        if so_far is not None:
            mine.going_opened[so_far] += going.number


class Opened:
    """How much of the waits that go on lay in business hours so far; each moment is reckoned once."""

    def __init__(self, session: Session) -> None:
        self._given = targets.in_force(session)
        self._known: dict[tuple[Calendar, datetime], timedelta] = {}

    def so_far(self, going: Going, now: datetime) -> timedelta | None:
        calendar = self._given.business_hours(going.account_id, going.language, going.visibility)
        if calendar is None:
            return None
        key = calendar, going.began_at
        if key not in self._known:
            self._known[key] = timedelta(seconds=hours.open_seconds(calendar, going.began_at, now))
        return self._known[key]


def _read(
    session: Session, asked: Asked, *, edges_only: bool
) -> Iterable[tuple[str, timedelta, float | None]]:
    wait: Any = Wait
    period = asking.edges(asked, wait.began_at) if edges_only else asked.when(wait.began_at)
    query = select(wait.language, wait.began_at, wait.answered_at, wait.open_seconds).where(
        period, wait.answered_at.is_not(None), asked.whose(wait, channel=wait.visibility)
    )
    for language, began_at, answered_at, open_seconds in session.connection().execute(query).all():
        yield language, length(began_at, answered_at) or timedelta(), open_seconds


def _summed(session: Session, asked: Asked) -> Iterable[tuple[str, int]]:
    """The steps of all but the hours at either end."""
    return ((language, durations.from_bytes(steps)) for language, steps in _LENGTHS.of(session, asked))


def open_now(session: Session, asked: Asked) -> dict[str, int]:
    """Open cases by language, counted one by one: for one channel, which no kept count knows."""
    case: Any = Case
    query = select(case.language, func.count()).where(
        case.status.in_((Status.WAITING, Status.ANSWERED)), asked.whose(case, channel=case.visibility)
    )
    rows = session.connection().execute(query.group_by(case.language))
    return {row[0]: row[1] for row in rows}


_LENGTHS = KeptRows(WaitLength, ("language", "steps"), select)
