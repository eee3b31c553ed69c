"""When each agent works: weekly hours in his own time zone, days off, and whether he is away just now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock, hours
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.hours import Calendar
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.settings.promises import WEEKDAYS, CalendarSettings

LONGEST_AWAY = timedelta(days=7)
_MINUTE, _INSTANT = timedelta(minutes=1), timedelta(microseconds=1)
_LOOKED_AHEAD = 8 * 24 * 60  # minutes: a shift that ends later still never ends


class Roster(SQLModel, table=True):
    """An agent's shifts; without a row, or with an empty week, he is never on shift.

    `week` is JSON, by weekday the spans of hours that begin on it, `days_off` too: pairs of the first and the
    last day. `most_waiting` is how many waiting cases he is given at most, None for as many as the settings
    say; `turn` rises with each case that he is given.
    """

    __tablename__ = "rosters"

    agent_id: int = Field(foreign_key="agents.id", primary_key=True)
    zone: str = "UTC"
    week: str = "{}"
    days_off: str = "[]"
    most_waiting: int | None = None
    away_since: datetime | None = None
    away_until: datetime | None = None
    turn: int = 0

    @property
    def plan(self) -> "Plan":
        week = {day: tuple(spans) for day, spans in json.loads(self.week).items()}
        days_off = tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in json.loads(self.days_off))
        return Plan(self.zone, week, days_off, self.most_waiting)

    @property
    def calendar(self) -> Calendar | None:
        """None for whoever is never on shift."""
        return _calendar(self.zone, self.week, self.days_off)

    def is_away(self, at: datetime) -> bool:
        return self.away_since is not None and (self.away_until is None or at < self.away_until)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a supervisor sets: by weekday (`mon` …) spans such as 09:00-18:00, and days off, both ends
    included."""

    zone: str = "UTC"
    week: Mapping[str, tuple[str, ...]] | None = None
    days_off: Sequence[tuple[date, date]] = ()
    most_waiting: int | None = None

    @property
    def hours(self) -> dict[str, tuple[str, ...]]:
        """Of the days on which he works, Monday first."""
        week = self.week or {}
        return {day: tuple(week[day]) for day in WEEKDAYS if week.get(day)}


def roster(session: Session, agent_id: int) -> Roster:
    """An empty one, not kept yet, when nothing was planned for him."""
    return session.get(Roster, agent_id) or Roster(agent_id=agent_id)


def of_everybody(session: Session) -> dict[int, Roster]:
    return {each.agent_id: each for each in session.exec(select(Roster))}


def plan(session: Session, agent: Agent, wanted: Plan, *, by: Agent | None) -> None:
    """His shifts from now on, in place of those before. Raises BadInput."""
    _refuse_nonsense(wanted)
    kept = _held(session, agent)
    kept.zone, kept.week = wanted.zone, json.dumps(wanted.hours)
    kept.days_off = json.dumps([[first.isoformat(), last.isoformat()] for first, last in wanted.days_off])
    kept.most_waiting = wanted.most_waiting
    session.add(kept)
    audit.record(
        session,
        "shifts_changed",
        by=by.id if by else None,
        subject=agent.username,
        zone=wanted.zone,
        week={day: list(spans) for day, spans in wanted.hours.items()},
        days_off=len(wanted.days_off),
    )


def leave(session: Session, agent: Agent, until: datetime | None) -> None:
    """He is away, until that moment or until he says that he is back: no case is given to him. Raises
    BadInput."""
    if until is not None and not clock.now() < until <= clock.now() + LONGEST_AWAY:
        raise BadInput(_("One can be away for a week at most; for longer there are days off."))
    kept = _held(session, agent)
    kept.away_since, kept.away_until = clock.now(), until
    session.add(kept)


def come_back(session: Session, agent: Agent) -> None:
    """Raises AlreadyDone for whoever is there."""
    kept = _held(session, agent)
    if not kept.is_away(clock.now()):
        raise AlreadyDone(_("You are not away."))
    kept.away_since = kept.away_until = None
    session.add(kept)


def is_on(calendar: Calendar | None, at: datetime) -> bool:
    return calendar is not None and hours.open_seconds(calendar, at, at + _INSTANT) > 0


def ends_at(calendar: Calendar, at: datetime) -> datetime:
    """When the shift ends that runs at that moment; after more than a week it is taken to end."""
    begun = at.astimezone(UTC).replace(second=0, microsecond=0)
    most, least = _LOOKED_AHEAD, 0
    while most - least > 1:
        middle = (least + most) // 2
        then = begun + middle * _MINUTE
        unbroken = hours.open_seconds(calendar, at, then) == max((then - at).total_seconds(), 0)
        least, most = (middle, most) if unbroken else (least, middle)
    return begun + least * _MINUTE


def begins_at(calendar: Calendar | None, at: datetime) -> datetime | None:
    """When he is on shift next: that moment itself when he is; None for never."""
    if calendar is None:
        return None
    try:
        return hours.after(calendar, at, _INSTANT.total_seconds()) - _INSTANT
    except OverflowError:
        return None


def _held(session: Session, agent: Agent) -> Roster:
    """Kept from the router until the transaction ends."""
    assert agent.id is not None
    query = select(Roster).where(col(Roster.agent_id) == agent.id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    return found or Roster(agent_id=agent.id)


def _refuse_nonsense(wanted: Plan) -> None:
    if wanted.most_waiting is not None and not 1 <= wanted.most_waiting <= 1_000:
        raise BadInput(_("A limit is a number from 1 to 1000, or nothing for the desk's own."))
    if any(not timedelta(0) <= last - first < timedelta(days=366) for first, last in wanted.days_off):
        raise BadInput(_("Days off end after they begin, within a year."))
    if not wanted.hours:
        wanted = Plan(wanted.zone, {"mon": ("00:00-01:00",)})  # the zone is looked at all the same
    try:
        _settings(wanted.zone, wanted.hours, [])
    except ValueError:
        raise BadInput(
            _(
                "Hours are written as 09:00-13:00, 14:00-18:00 and do not overlap, a time zone as"
                " Europe/Rome: something of these is not right."
            )
        ) from None


def _settings(zone: str, week: Mapping[str, Sequence[str]], days_off: Sequence[Any]) -> CalendarSettings:
    holidays = [{"day": first, "last": last} for first, last in days_off]
    return CalendarSettings.model_validate({"zone": zone, "hours": dict(week), "holidays": holidays})


@lru_cache(maxsize=1 << 12)
def _calendar(zone: str, week: str, days_off: str) -> Calendar | None:
    """Made once for each that is written alike: what is reckoned with a calendar is remembered by it."""
    spans = json.loads(week)
    if not any(spans.values()):
        return None
    return _settings(ZoneInfo(zone).key, spans, json.loads(days_off)).calendar()
