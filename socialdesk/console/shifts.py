"""Who works when: supervisors plan the shifts of their people, and everybody says when he is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import clock, phrases
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import RowId
from socialdesk.console.given import clock_time
from socialdesk.errors import BadInput, NotFound
from socialdesk.people import agents, scope, staffing
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Reach, Verb
from socialdesk.phrases import gettext as _
from socialdesk.routing import shifts, staff
from socialdesk.routing.shifts import Plan, Roster
from socialdesk.settings.promises import WEEKDAYS

router = APIRouter()
MOST_DAYS_OFF = 100
_HOURS = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with somebody now; `hours` are his weekly ones by the name of the day."""

    agent: Agent
    roster: Roster
    sentence: str
    on_shift: bool
    waiting: int

    @property
    def hours(self) -> list[tuple[str, str]]:
        days, week = phrases.locale().days["format"]["wide"], self.roster.plan.hours
        return [(days[number], ", ".join(week[day])) for number, day in enumerate(WEEKDAYS) if day in week]

    @property
    def away(self) -> bool:
        return self.roster.is_away(clock.now())


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in, or as it stands."""

    zone: str
    week: Sequence[str]
    days_off: str
    most_waiting: str


@router.get("/shifts")
def show(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        people = _standings(session, _planned_by(session, visit))
        accounts = health.of(visit, session)
    return visit.page("shifts.html", people=people, accounts=accounts, routing=visit.desk.settings.routing)


@router.get("/shifts/{agent_id}")
def show_one(visit: Admitted, agent_id: RowId, done: str = "") -> Response:
    return _page(visit, agent_id, done=done)


@router.post("/shifts/{agent_id}")
def plan(
    visit: Admitted,
    agent_id: RowId,
    zone: Annotated[str, Form(max_length=64)] = "UTC",
    mon: _HOURS = "",
    tue: _HOURS = "",
    wed: _HOURS = "",
    thu: _HOURS = "",
    fri: _HOURS = "",
    sat: _HOURS = "",
    sun: _HOURS = "",
    days_off: Annotated[str, Form(max_length=4_000)] = "",
    most_waiting: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    typed = Typed(zone, (mon, tue, wed, thu, fri, sat, sun), days_off, most_waiting)
    try:
        wanted = _plan(typed)
        with visit.database.transaction() as session:
            shifts.plan(session, _find(session, visit, agent_id), wanted, by=visit.agent)
    except BadInput as error:
        return _page(visit, agent_id, error, typed=typed)
    return RedirectResponse(f"/shifts/{agent_id}?done=saved", 303)


@router.post("/account/away")
def leave(visit: Admitted, minutes: Annotated[Literal["30", "60", "120", ""], Form()] = "") -> Response:
    """Without a number of minutes until he says that he is back."""
    until = clock.now() + timedelta(minutes=int(minutes)) if minutes else None
    with visit.database.transaction() as session:
        shifts.leave(session, visit.agent, until)
    return RedirectResponse("/account?done=away", 303)


@router.post("/account/away/ending")
def come_back(visit: Admitted) -> Response:
    with visit.database.transaction() as session:
        shifts.come_back(session, visit.agent)
    return RedirectResponse("/account?done=back", 303)


def own(session: Session, visit: Visit) -> Standing:
    """How it is with whoever looks."""
    return _standings(session, [visit.agent])[0]


def _standings(session: Session, people: Sequence[Agent]) -> list[Standing]:
    rosters, waiting, now = shifts.of_everybody(session), staff.waiting_with(session), clock.now()
    found = []
    for agent in people:
        agent_id = agent.id or 0
        roster = rosters.get(agent_id) or Roster(agent_id=agent_id)
        there = not roster.is_away(now) and shifts.is_on(roster.calendar, now)
        found.append(Standing(agent, roster, _sentence(roster, now), there, waiting.get(agent_id, 0)))
    return found


def _sentence(roster: Roster, now: datetime) -> str:
    if roster.is_away(now):
        if roster.away_until is None:
            return _("Away")
        return _("Away until %(time)s", time=clock_time(roster.away_until, roster.zone, since=now))
    calendar = roster.calendar
    if calendar is None:
        return _("No shifts")
    if shifts.is_on(calendar, now):
        ends = clock_time(shifts.ends_at(calendar, now), roster.zone, since=now)
        return _("On shift until %(time)s", time=ends)
    begins = shifts.begins_at(calendar, now)
    if begins is None:
        return _("No shifts")
    return _("Off shift until %(time)s", time=clock_time(begins, roster.zone, since=now))


def _planned_by(session: Session, visit: Visit) -> list[Agent]:
    """Those who may reply, work here, and work for no account that the visitor does not supervise."""
    with scope.whole_desk(session):
        roles = staffing.of_everybody(session)
    led = visit.accounts
    return [
        each
        for each in agents.all_of(session)
        if each.disabled_at is None
        and (reach := Reach(each.role, roles.get(each.id or 0))).may(Verb.WRITE_DRAFT)
        and (led is None or (reach.accounts is not None and reach.accounts <= led))
    ]


def _find(session: Session, visit: Visit, agent_id: int) -> Agent:
    found = next((each for each in _planned_by(session, visit) if each.id == agent_id), None)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _plan(typed: Typed) -> Plan:
    """Raises BadInput."""
    week = {day: tuple(_spans(told)) for day, told in zip(WEEKDAYS, typed.week, strict=True)}
    limit = typed.most_waiting.strip()
    if limit and not (limit.isascii() and limit.isdigit()):
        raise BadInput(_("A limit is a number from 1 to 1000, or nothing for the desk's own."))
    return Plan(typed.zone.strip(), week, _days_off(typed.days_off), int(limit) if limit else None)


def _spans(told: str) -> list[str]:
    return [each.strip().replace("–", "-") for each in told.split(",") if each.strip()]


def _days_off(told: str) -> tuple[tuple[date, date], ...]:
    lines = [line.replace("–", " ").split() for line in told.splitlines() if line.strip()]
    try:
        days = [[date.fromisoformat(each) for each in line] for line in lines]
    except ValueError:
        days = [[]]
    if len(days) > MOST_DAYS_OFF or any(len(line) not in (1, 2) for line in days):
        raise BadInput(_("Days off stand one on a line: 2026-12-24, or 2026-12-24 – 2026-12-26 for several."))
    return tuple((line[0], line[-1]) for line in days)


def _typed(plan: Plan) -> Typed:
    week = [", ".join((plan.week or {}).get(day, ())) for day in WEEKDAYS]
    days_off = "\n".join(f"{a}" if a == b else f"{a} – {b}" for a, b in plan.days_off)
    return Typed(plan.zone, week, days_off, str(plan.most_waiting or ""))


def _page(
    visit: Visit,
    agent_id: int,
    problem: BadInput | None = None,
    *,
    typed: Typed | None = None,
    done: str = "",
) -> Response:
    with visit.database.reading() as session:
        standing = _standings(session, [_find(session, visit, agent_id)])[0]
        accounts = health.of(visit, session)
    names = phrases.locale().days["format"]["wide"]  # by number: not every language begins with Monday
    told: dict[str, Any] = {"problem": problem, "saved": done == "saved", "accounts": accounts}
    return visit.page(
        "shifts/person.html",
        status=422 if problem else 200,
        standing=standing,
        person=standing.agent,
        typed=typed or _typed(standing.roster.plan),
        weekdays=[(day, names[number]) for number, day in enumerate(WEEKDAYS)],
        zones=sorted(available_timezones()),
        most_waiting=visit.desk.settings.routing.most_waiting,
        **told,
    )
