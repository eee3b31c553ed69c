"""How long customers waited for a first answer, those who wait still counted with their age.

Few waits are read one by one and are exact; of many the kept steps are summed, within 2 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
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
    """The cases that wait for us now: by language how many and since when the oldest of them, and each wait
    for a first answer that goes on, as its language and when it began."""

    cases: Mapping[str, int]
    oldest: Mapping[str, datetime]
    going: Sequence[tuple[str, datetime]]


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


def waiting(session: Session, asked: Asked) -> Waiting:
    """Whatever the period; read from two indexes that hold nothing else."""
    case: Any = Case
    groups = select(case.language, func.count(), func.min(case.waiting_since)).where(
        _IN_BACKLOG, asked.whose(case, channel=case.visibility)
    )
    rows = session.connection().execute(groups.group_by(case.language)).all()
    oldest = {language: since for language, _, since in rows if since}
    return Waiting({language: number for language, number, _ in rows}, oldest, _going(session, asked))


def _going(session: Session, asked: Asked) -> Sequence[tuple[str, datetime]]:
    case: Any = Case
    query = select(case.language, case.unanswered_since).where(
        case.unanswered_since.is_not(None), asked.whose(case, channel=case.visibility)
    )
    return [(language, began) for language, began in session.connection().execute(query)]


# As the index says it: with parameters in their place neither database would know that it serves.
_IN_BACKLOG = text("cases.status = 'waiting' AND cases.account_id IS NOT NULL")


def by_language(
    session: Session,
    asked: Asked,
    responded: int,
    still: Iterable[tuple[str, datetime]],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> dict[str, FirstResponses]:
    """The waits that began in the period; `responded` is how many of them have been answered, `still` are
    those that go on."""
    lengths: dict[str, Lengths] = {}
    by_steps = responded > exact_up_to and asking.has_days(asked)
    for language, took in _read(session, asked, edges_only=by_steps):
        lengths.setdefault(language, Lengths()).single.append(took)
    for language, steps in _summed(session, asked) if by_steps else ():
        lengths.setdefault(language, Lengths()).packed += steps
    return _with_those_who_wait(lengths, asked, still)


def _with_those_who_wait(
    lengths: dict[str, Lengths], asked: Asked, still: Iterable[tuple[str, datetime]]
) -> dict[str, FirstResponses]:
    unanswered: Counter[str] = Counter()
    now, (since, until) = clock.now(), asked.moments
    for language, began in still:
        if (since is None or began >= since) and (until is None or began < until):
            lengths.setdefault(language, Lengths()).single.append(max(_NOTHING, now - began))
            unanswered[language] += 1
    return {language: each.told(unanswered[language]) for language, each in lengths.items()}


def _read(session: Session, asked: Asked, *, edges_only: bool) -> Iterable[tuple[str, timedelta]]:
    wait: Any = Wait
    period = asking.edges(asked, wait.began_at) if edges_only else asked.when(wait.began_at)
    query = select(wait.language, wait.began_at, wait.answered_at).where(
        period, wait.answered_at.is_not(None), asked.whose(wait, channel=wait.visibility)
    )
    for language, began_at, answered_at in session.connection().execute(query):
        yield language, length(began_at, answered_at) or timedelta()


def _summed(session: Session, asked: Asked) -> Iterable[tuple[str, int]]:
    """The steps of all but the hours at either end."""
    rows = asking.kept_in(asked, WaitLength, ("language", "steps"))
    for language, steps in session.connection().execute(select(rows)):
        yield language, durations.from_bytes(steps)


def open_now(session: Session, asked: Asked) -> dict[str, int]:
    """Open cases by language, counted one by one: for one channel, which no kept count knows."""
    case: Any = Case
    query = select(case.language, func.count()).where(
        case.status.in_((Status.WAITING, Status.ANSWERED)), asked.whose(case, channel=case.visibility)
    )
    rows = session.connection().execute(query.group_by(case.language))
    return {row[0]: row[1] for row in rows}
