"""Whom a case goes to: somebody on shift and free, by what he writes and reads; or why there is nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from socialdesk.hours import Calendar
from socialdesk.languages import LANGUAGES
from socialdesk.people.skills import Level
from socialdesk.routing import shifts
from socialdesk.settings.sections import Routing

MOST_NAMED = 5  # people, in a reason
Accounts = frozenset[int] | None  # None is all of them


class Because(StrEnum):
    """What speaks for somebody, the best first."""

    BEFORE = "before"
    WRITES = "writes"
    READS = "reads"
    FALLBACK = "fallback"
    UNKNOWN = "unknown"  # who knows the language, or which it is
    SUPERVISOR = "supervisor"
    ANYONE = "anyone"


class Why(StrEnum):
    """What keeps a case from everybody."""

    NOBODY = "nobody"  # who knows its language works for the account
    OFF_SHIFT = "off_shift"
    AWAY = "away"
    FULL = "full"
    HANDED_BACK = "handed_back"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the routing sees him: `answers_at` are the accounts for which he may reply, `leads_at`
    those that he supervises; `waiting` is how many cases wait with him."""

    agent_id: int
    name: str
    calendar: Calendar | None
    levels: Mapping[str, str] = field(default_factory=dict)
    answers_at: Accounts = None
    leads_at: Accounts = frozenset()
    most_waiting: int = 20
    waiting: int = 0
    turn: int = 0
    away: bool = False
    away_until: datetime | None = None

    def works_for(self, account_id: int) -> bool:
        return self.answers_at is None or account_id in self.answers_at

    def leads(self, account_id: int) -> bool:
        return self.leads_at is None or account_id in self.leads_at

    def writes(self, language: str) -> bool:
        return self.levels.get(language) == Level.WRITES

    def reads(self, language: str) -> bool:
        return self.levels.get(language, Level.NONE) != Level.NONE

    def is_there(self, at: datetime) -> bool:
        return not self.away and shifts.is_on(self.calendar, at)

    def is_free(self, at: datetime) -> bool:
        return self.waiting < self.most_waiting and self.is_there(at)


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as the routing sees it: who had it `before`, and who has handed it back lately."""

    account_id: int
    language: str
    before: int | None = None
    handed_back: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """`language` is the one that speaks for him: the case's, or one that stands in for it."""

    person: Person
    because: Because
    language: str


@dataclass(frozen=True, slots=True)
class Stalled:
    """`until` is when it may go on, as far as that is known, and `zone` whose clock that is told by;
    `anybody` says that it does not depend on the language, and `stand_ins` that who does not know it and
    could stand in has no room; `full` are those on shift who have none, each with how many wait with him, and
    how many may.
    """

    why: Why
    language: str
    anybody: bool = False
    until: datetime | None = None
    zone: str = "UTC"
    stand_ins: bool = False
    full: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Link:
    """One link of the chain: whom it lets in, and why."""

    because: Because
    language: str
    lets_in: Callable[[Person], bool]


def choose(people: Sequence[Person], matter: Matter, routing: Routing, at: datetime) -> Choice | Stalled:
    """The first link of the chain in which somebody is free decides; within it the method does."""
    here = [each for each in people if each.works_for(matter.account_id)]
    free = [each for each in here if each.agent_id not in matter.handed_back and each.is_free(at)]
    chain = list(_chain(people, matter, routing))
    for link in chain:
        if fitting := [each for each in free if link.lets_in(each)]:
            return Choice(_next(fitting, routing), link.because, link.language)
    could = [each for each in here if any(link.lets_in(each) for link in chain)]
    anybody = chain[-1].because in (Because.UNKNOWN, Because.ANYONE)
    return _stalled(could, matter, at, anybody=anybody)


def is_known(people: Sequence[Person], language: str) -> bool:
    """Whether anything is known of anybody in that language: if not, everybody counts as reading it."""
    return language in LANGUAGES and any(language in each.levels for each in people)


def _chain(people: Sequence[Person], matter: Matter, routing: Routing) -> Iterator[_Link]:
    language, known = matter.language, is_known(people, matter.language)
    if matter.before is not None:
        yield _Link(
            Because.BEFORE,
            language,
            lambda each: each.agent_id == matter.before and (each.reads(language) or not known),
        )
    yield _Link(Because.WRITES, language, lambda each: each.writes(language))
    yield _Link(Because.READS, language, lambda each: each.reads(language))
    for other in routing.fallback.get(language, ()):
        yield _fallback(other)
    if not known:
        yield _Link(Because.UNKNOWN, language, lambda _: True)
    elif routing.otherwise == "supervisor":
        yield _Link(Because.SUPERVISOR, language, lambda each: each.leads(matter.account_id))
    elif routing.otherwise == "anyone":
        yield _Link(Because.ANYONE, language, lambda _: True)


def _fallback(language: str) -> _Link:
    return _Link(Because.FALLBACK, language, lambda each: each.reads(language))


def _next(fitting: Sequence[Person], routing: Routing) -> Person:
    """Whose turn it is: who was given a case longest ago, or who has the fewest and of these that one."""
    by_load = routing.method == "least_loaded"
    return min(fitting, key=lambda each: (each.waiting if by_load else 0, each.turn, each.agent_id))


def _stalled(could: Sequence[Person], matter: Matter, at: datetime, *, anybody: bool) -> Stalled:
    language = matter.language
    if not could:
        return Stalled(Why.NOBODY, language, anybody)
    if any(each.is_free(at) for each in could):
        return Stalled(Why.HANDED_BACK, language, anybody)
    there = [each for each in could if each.is_there(at)]
    own = [each for each in could if each.reads(language)]
    if not there:
        return _absent(could, language, at, anybody=anybody)
    if own and not any(each.is_there(at) for each in own):
        stalled = _absent(own, language, at, anybody=False)
        if stalled.until:
            return replace(stalled, stand_ins=True)
    full = [each for each in there if each in own] or there
    return Stalled(Why.FULL, language, anybody and not own, full=_loads(full))


def _loads(full: Sequence[Person]) -> tuple[tuple[str, int, int], ...]:
    """The first of them by name."""
    told = sorted((each.name, each.waiting, each.most_waiting) for each in full)
    return tuple(told[:MOST_NAMED])


def _absent(could: Sequence[Person], language: str, at: datetime, *, anybody: bool) -> Stalled:
    """None of them is there: until when, and whether it is for being away."""
    away = [each for each in could if each.away and shifts.is_on(each.calendar, at)]
    moments = [(each.away_until, _zone(each)) for each in away] or [
        (shifts.begins_at(each.calendar, at), _zone(each)) for each in could
    ]
    known = [(until, zone) for until, zone in moments if until is not None]
    until, zone = min(known, default=(None, "UTC"))
    return Stalled(Why.AWAY if away else Why.OFF_SHIFT, language, anybody, until, zone)


def _zone(person: Person) -> str:
    zone = person.calendar.zone if person.calendar else ZoneInfo("UTC")
    return zone.key or "UTC"
