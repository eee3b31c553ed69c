"""How long customers waited for a first answer, those who wait still counted with their age.

Few waits are read one by one and are exact; of many the kept steps are summed, within 2 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from socialdesk import clock
from socialdesk.cases import Case, Status
from socialdesk.figures import asking, durations
from socialdesk.figures.asking import Asked
from socialdesk.figures.durations import FEW
from socialdesk.figures.waits import Wait, WaitLength, length

_NOTHING = timedelta()
EXACT_UP_TO = 2_000  # waits, so many are read in a few milliseconds


class Waiting(NamedTuple):
    """A case that waits for us now: for a first answer since `unanswered_since`, None if it has had one."""

    case_id: int
    account_id: int
    language: str
    visibility: str
    waiting_since: datetime
    unanswered_since: datetime | None


@dataclass(slots=True)
class Lengths:
    """Waits one by one, and those of which only steps are known, as a packed number."""

    single: list[timedelta] = field(default_factory=list)
    packed: int = 0

    def told(self, unanswered: int) -> FirstResponses:
        if not self.packed:
            in_order = sorted(self.single)
            return FirstResponses(len(in_order), unanswered, _at(in_order, 0.5), _at(in_order, 0.9))
        steps = durations.unpacked(self.packed)
        steps.update(map(durations.step_of, self.single))
        median, ninetieth = durations.quantile(steps, 0.5), durations.quantile(steps, 0.9)
        return FirstResponses(steps.total(), unanswered, median, ninetieth)


def _at(in_order: Sequence[timedelta], share: float) -> timedelta | None:
    """The wait that this share did not exceed."""
    return in_order[max(0, ceil(share * len(in_order)) - 1)] if in_order else None


@dataclass(frozen=True, slots=True)
class FirstResponses:
    """`number` waits began in the period, `unanswered` of which go on."""

    number: int = 0
    unanswered: int = 0
    median: timedelta | None = None
    ninetieth: timedelta | None = None

    @property
    def few(self) -> bool:
        """Whether there are too few to say much."""
        return 0 < self.number < FEW


NO_RESPONSES = FirstResponses()


def waiting(session: Session, asked: Asked) -> list[Waiting]:
    """Every case that waits for us now, whatever the period."""
    case: Any = Case
    about = (case.id, case.account_id, case.language, case.visibility, case.waiting_since, case.opened_at)
    query = select(*about, *_newest_wait()).where(
        case.status == Status.WAITING, asked.whose(case, channel=case.visibility)
    )
    return [_waiting(*row) for row in session.connection().execute(query)]


def _waiting(
    case_id: int,
    account_id: int,
    language: str,
    visibility: str,
    waiting_since: datetime | None,
    opened_at: datetime,
    began_at: datetime | None,
    answered_at: datetime | None,
) -> Waiting:
    unanswered_since = _unanswered_since(opened_at, began_at, answered_at)
    return Waiting(case_id, account_id, language, visibility, waiting_since or opened_at, unanswered_since)


def _newest_wait() -> tuple[Any, Any]:
    wait: Any = aliased(Wait)
    newest = select(wait.began_at).where(wait.case_id == Case.id).order_by(wait.began_at.desc()).limit(1)
    answered = select(wait.answered_at).where(wait.case_id == Case.id).order_by(wait.began_at.desc()).limit(1)
    return newest.correlate(Case).scalar_subquery(), answered.correlate(Case).scalar_subquery()


def _unanswered_since(
    opened_at: datetime, began_at: datetime | None, answered_at: datetime | None
) -> datetime | None:
    if began_at is None:
        return opened_at
    return None if answered_at else began_at


def by_language(
    session: Session,
    asked: Asked,
    responded: int,
    still: Iterable[Waiting],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> dict[str, FirstResponses]:
    """The waits that began in the period; `responded` is how many of them have been answered."""
    lengths: dict[str, Lengths] = {}
    days = asking.days(asked) if responded > exact_up_to else None
    for language, took in _read(session, asked, edges_only=days is not None):
        lengths.setdefault(language, Lengths()).single.append(took)
    for language, steps in _summed(session, asked, days) if days else ():
        lengths.setdefault(language, Lengths()).packed += steps
    return _with_those_who_wait(lengths, asked, still)


def _with_those_who_wait(
    lengths: dict[str, Lengths], asked: Asked, still: Iterable[Waiting]
) -> dict[str, FirstResponses]:
    unanswered: Counter[str] = Counter()
    now, (since, until) = clock.now(), asked.moments
    for each in still:
        began = each.unanswered_since
        if began and (since is None or began >= since) and (until is None or began < until):
            lengths.setdefault(each.language, Lengths()).single.append(max(_NOTHING, now - began))
            unanswered[each.language] += 1
    return {language: each.told(unanswered[language]) for language, each in lengths.items()}


def _read(session: Session, asked: Asked, *, edges_only: bool) -> Iterable[tuple[str, timedelta]]:
    wait: Any = Wait
    period = asking.edges(asked, wait.began_at) if edges_only else asked.when(wait.began_at)
    query = select(wait.language, wait.began_at, wait.answered_at).where(
        period, wait.answered_at.is_not(None), asked.whose(wait, channel=wait.visibility)
    )
    for language, began_at, answered_at in session.connection().execute(query):
        yield language, length(began_at, answered_at) or timedelta()


def _summed(session: Session, asked: Asked, days: tuple[int, int]) -> Iterable[tuple[str, int]]:
    table: Any = WaitLength
    query = select(table.language, table.steps).where(
        table.start >= days[0], table.start < days[1], asked.whose(table, channel=table.visibility)
    )
    for language, steps in session.connection().execute(query):
        yield language, durations.from_bytes(steps)


def open_now(session: Session, asked: Asked) -> dict[str, int]:
    """Open cases by language, counted one by one: for one channel, which no kept count knows."""
    case: Any = Case
    query = select(case.language, func.count()).where(
        case.status.in_((Status.WAITING, Status.ANSWERED)), asked.whose(case, channel=case.visibility)
    )
    rows = session.connection().execute(query.group_by(case.language))
    return {row[0]: row[1] for row in rows}
