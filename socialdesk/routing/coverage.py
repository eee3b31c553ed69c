"""The radar: hour by hour, in each language, what waits and will come against who is there to answer it.

What is due first is answered first. Who writes one language alone is counted before who writes three, and
whoever writes several gives each the share that it has of what is left to answer in them, so that nobody is
counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from socialdesk.figures.buckets import hour_of, moment
from socialdesk.routing.choosing import Person, is_known
from socialdesk.routing.demand import HOURS, Demand, on_shift
from socialdesk.routing.due import Line

DueAt = Callable[[str, datetime], datetime | None]
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One language in one hour: messages that usually come, people on shift who write it, how many replies
    they write, and how many are left to write at the end."""

    at: datetime
    expected: float
    people: int
    answered: float
    backlog: float

    @property
    def uncovered(self) -> bool:
        """There is something to answer, and nobody to do it."""
        return self.people == 0 and self.backlog >= 0.5


@dataclass(frozen=True, slots=True)
class Outlook:
    """One language. `overdue` are cases whose due time has passed, `breach_at` is when the next one's will if
    nothing changes; `ask` are people who write it and are not on shift now, and `stand_in` the languages that
    may stand in for it, with how many are on shift who read them."""

    language: str
    waiting: int
    cells: Sequence[Cell]
    overdue: int
    breach_at: datetime | None
    ask: Sequence[str] = ()
    stand_in: Sequence[tuple[str, int]] = ()

    @property
    def expected(self) -> float:
        return sum(each.expected for each in self.cells)

    @property
    def nobody_until(self) -> datetime | None:
        """When the first person comes on shift, if there is nobody now; None when there is, or never will."""
        there = next((each.at for each in self.cells if each.people), None)
        return there if there and not self.cells[0].people else None

    @property
    def nobody(self) -> bool:
        """In none of the hours."""
        return not any(each.people for each in self.cells)

    @property
    def danger(self) -> tuple[object, ...]:
        """What breaches first comes first, then where nobody is there for longest."""
        uncovered = sum(each.uncovered for each in self.cells)
        last = self.cells[-1].at + _HOUR
        return not self.overdue, self.breach_at or last, -uncovered, -self.cells[-1].backlog, self.language


@dataclass(frozen=True, slots=True)
class Radar:
    """`pace` is in replies by a person in an hour, `weeks` is how many the usual numbers are of."""

    at: datetime
    pace: float
    measured: bool
    weeks: int
    lines: Sequence[Outlook]

    @property
    def first(self) -> Outlook | None:
        """The language that breaches first, or has nobody; None when all goes well."""
        worst = next(iter(self.lines), None)
        if worst is None or not (worst.overdue or worst.breach_at or any(c.uncovered for c in worst.cells)):
            return None
        return worst


def foresee(
    demand: Demand,
    people: Sequence[Person],
    now: datetime,
    *,
    pace: float,
    measured: bool = False,
    due_at: DueAt,
    fallback: Mapping[str, Sequence[str]] | None = None,
) -> Radar:
    """`due_at` tells when a message in that language would be due that comes at that moment."""
    lines = {
        code: Line(demand.waiting.get(code, 0), demand.dues.get(code, ()), now) for code in demand.languages
    }
    cells: dict[str, list[Cell]] = {code: [] for code in lines}
    for ahead in range(HOURS):
        hour = max(now, moment(hour_of(now) + ahead)), moment(hour_of(now) + ahead + 1)
        for code, cell in _hour(lines, demand, people, hour, ahead, pace, due_at).items():
            cells[code].append(cell)
    found = [
        _outlook(code, line, cells[code], demand, people, now, fallback or {}) for code, line in lines.items()
    ]
    return Radar(now, pace, measured, demand.weeks, sorted(found, key=lambda each: each.danger))


def _hour(
    lines: Mapping[str, Line],
    demand: Demand,
    people: Sequence[Person],
    hour: tuple[datetime, datetime],
    ahead: int,
    pace: float,
    due_at: DueAt,
) -> dict[str, Cell]:
    """What comes in the hour, what is answered of each line, and what is left."""
    begins, ends = hour
    share = (ends - begins) / _HOUR
    expected = {code: demand.usual.get(code, [0.0] * HOURS)[ahead] * share for code in lines}
    for code, line in lines.items():
        line.comes(expected[code] * demand.effort(code), due_at(code, begins))
    writing = {code: _writing(people, code, begins, ends) for code in lines}
    answered = _answer(lines, writing, pace)
    for line in lines.values():
        line.passes(ends)
    return {
        code: Cell(ends - _HOUR, expected[code], len(writing[code]), answered[code], line.left)
        for code, line in lines.items()
    }


def _writing(people: Sequence[Person], language: str, since: datetime, until: datetime) -> dict[int, float]:
    """By person, the hours of that time in which he is on shift, of those who write the language."""
    known = is_known(people, language)
    found = {
        each.agent_id: _there(each, since, until) for each in people if each.writes(language) or not known
    }
    return {agent_id: share for agent_id, share in found.items() if share > 0}


def _there(person: Person, since: datetime, until: datetime) -> float:
    """Who is away without saying until when is taken not to come back."""
    if person.away and person.away_until is None:
        return 0.0
    begins = max(since, person.away_until) if person.away and person.away_until else since
    return on_shift(person, begins, until) if begins < until else 0.0


def _answer(
    lines: Mapping[str, Line], writing: Mapping[str, Mapping[int, float]], pace: float
) -> dict[str, float]:
    """How much is answered in each language."""
    of_person: dict[int, list[str]] = {}
    for code, those in writing.items():
        for agent_id in those:
            of_person.setdefault(agent_id, []).append(code)
    answered = dict.fromkeys(lines, 0.0)
    for agent_id, codes in sorted(of_person.items(), key=lambda each: (len(each[1]), each[0])):
        left = {code: lines[code].left for code in codes}
        all_left = sum(left.values())
        most = min(writing[codes[0]][agent_id] * pace, all_left)
        for code in codes if all_left else ():
            answered[code] += lines[code].answer(most * left[code] / all_left)
    return answered


def _outlook(
    language: str,
    line: Line,
    cells: Sequence[Cell],
    demand: Demand,
    people: Sequence[Person],
    now: datetime,
    fallback: Mapping[str, Sequence[str]],
) -> Outlook:
    ask = [each.name for each in people if each.writes(language) and not each.is_there(now)]
    stand_in = [
        (other, sum(each.reads(other) and each.is_there(now) for each in people))
        for other in fallback.get(language, ())
    ]
    return Outlook(
        language, demand.waiting.get(language, 0), cells, line.overdue, line.breach_at, ask, stand_in
    )
