"""Shifts: weekly hours in the agent's own time zone, days off, and being away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from socialdesk import clock
from socialdesk.audit import AuditEntry
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.hours import Calendar
from socialdesk.people.agents import Agent
from socialdesk.routing import shifts
from socialdesk.routing.shifts import Plan
from socialdesk.settings.promises import CalendarSettings
from tests.conftest import Cast

OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-13:00", "14:00-18:00"))
MINUTE = timedelta(minutes=1)


def calendar(zone: str, **week: str) -> Calendar:
    return CalendarSettings.model_validate(
        {"zone": zone, "hours": {day: (hours,) for day, hours in week.items()}}
    ).calendar()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_plan_is_kept_as_it_was_made_and_noted_in_the_audit_log(database: Database, cast: Cast) -> None:
    plan = Plan("Europe/Rome", OFFICE, ((date(2026, 12, 24), date(2026, 12, 26)),), 7)
    with database.transaction() as session:
        shifts.plan(session, session.get_one(Agent, cast.ana.id), plan, by=cast.sofia)
    with database.reading() as session:
        kept = shifts.roster(session, cast.ana.id or 0)
        noted = session.exec(select(AuditEntry).where(AuditEntry.kind == "shifts_changed")).one()
    assert kept.plan == plan
    assert (noted.agent_id, noted.subject) == (cast.sofia.id, "ana")
    assert shifts.is_on(kept.calendar, utc(2026, 11, 23, 8, 0))  # nine in the morning in Rome
    assert not shifts.is_on(kept.calendar, utc(2026, 11, 23, 12, 30))
    assert not shifts.is_on(kept.calendar, utc(2026, 12, 24, 9, 0))


@pytest.mark.parametrize(
    "plan",
    [
        Plan("Europe/Atlantis", OFFICE),
        Plan("Europe/Atlantis"),
        Plan("UTC", {"mon": ("9-17",)}),
        Plan("UTC", {"mon": ("09:00-13:00", "12:00-18:00")}),
        Plan("UTC", OFFICE, ((date(2026, 12, 26), date(2026, 12, 24)),)),
        Plan("UTC", OFFICE, (), 0),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(database: Database, cast: Cast, plan: Plan) -> None:
    with database.transaction() as session, pytest.raises(BadInput):
        shifts.plan(session, session.get_one(Agent, cast.ana.id), plan, by=cast.sofia)


def test_without_a_plan_nobody_is_ever_on_shift(database: Database, cast: Cast) -> None:
    with database.reading() as session:
        assert shifts.roster(session, cast.ana.id or 0).calendar is None
    assert not shifts.is_on(None, clock.now())
    assert shifts.begins_at(None, clock.now()) is None


def test_whoever_is_away_is_so_until_then_or_until_he_comes_back(database: Database, cast: Cast) -> None:
    now = clock.now()
    with database.transaction() as session:
        shifts.leave(session, cast.ana, now + timedelta(hours=1))
        shifts.leave(session, cast.ben, None)
    with database.reading() as session:
        ana, ben = (shifts.roster(session, each.id or 0) for each in (cast.ana, cast.ben))
    assert [ana.is_away(now), ana.is_away(now + timedelta(hours=2))] == [True, False]
    assert ben.is_away(now + timedelta(days=30))
    with database.transaction() as session:
        shifts.come_back(session, cast.ben)
        with pytest.raises(AlreadyDone):
            shifts.come_back(session, cast.ben)


@pytest.mark.parametrize("until", [timedelta(), timedelta(days=8)])
def test_nobody_is_away_for_no_time_or_for_weeks(database: Database, cast: Cast, until: timedelta) -> None:
    with (
        time_machine.travel(utc(2026, 11, 20, 12), tick=False),
        database.transaction() as session,
        pytest.raises(BadInput),
    ):
        shifts.leave(session, cast.ana, clock.now() + until)


@pytest.mark.parametrize(
    ("hours", "at", "ends"),
    [
        # The night in which Rome's clocks go forward: 22:00 to 06:00 are seven hours.
        ({"sat": "22:00-06:00"}, utc(2026, 3, 28, 21, 0), utc(2026, 3, 29, 4, 0)),
        # The one in which they go back: nine hours.
        ({"sat": "22:00-06:00"}, utc(2026, 10, 24, 20, 0), utc(2026, 10, 25, 5, 0)),
        # A shift that goes on over midnight into the next day's.
        ({"mon": "18:00-24:00", "tue": "00:00-02:00"}, utc(2026, 11, 23, 18, 0), utc(2026, 11, 24, 1, 0)),
    ],
)
def test_a_shift_ends_by_the_clock_on_the_wall(hours: dict[str, str], at: datetime, ends: datetime) -> None:
    rome = calendar("Europe/Rome", **hours)
    assert shifts.is_on(rome, at)
    assert shifts.ends_at(rome, at) == ends


def test_the_next_shift_begins_by_the_clock_on_the_wall_too() -> None:
    rome = calendar("Europe/Rome", sun="07:00-12:00")
    assert shifts.begins_at(rome, utc(2026, 3, 28, 12, 0)) == utc(2026, 3, 29, 5, 0)
    assert shifts.begins_at(rome, utc(2026, 10, 24, 12, 0)) == utc(2026, 10, 25, 6, 0)


@given(
    minute=st.integers(0, 14 * 24 * 60),
    zone=st.sampled_from(("Europe/Rome", "America/Sao_Paulo", "Asia/Tokyo", "Europe/Istanbul")),
    begins=st.integers(0, 23),
    length=st.integers(1, 23),
)
def test_from_its_beginning_to_its_end_a_shift_is_on_minute_by_minute(
    minute: int, zone: str, begins: int, length: int
) -> None:
    week = dict.fromkeys(("mon", "thu", "sat"), f"{begins:02}:00-{(begins + length) % 24:02}:00")
    there = calendar(zone, **week)
    at = utc(2026, 3, 22) + minute * MINUTE
    starts = shifts.begins_at(there, at)
    assert starts is not None
    ends = shifts.ends_at(there, starts)
    assert starts >= at
    assert ends > starts
    assert not any(shifts.is_on(there, at + each * MINUTE) for each in range(int((starts - at) / MINUTE)))
    assert all(shifts.is_on(there, starts + each * MINUTE) for each in range(int((ends - starts) / MINUTE)))
    assert not shifts.is_on(there, ends)
