"""Shifts in the console: who plans whose, who is away, and the page of the next 24 hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from sqlmodel import Session
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.routing import running, shifts
from socialdesk.routing.shifts import Plan
from socialdesk.settings.sections import Routing
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.people import another_account, place

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = {"zone": "Europe/Rome", "mon": "09:00-13:00, 14:00–18:00", "sat": "22:00-02:00"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=True):
        yield


def plan_of(desk: Desk, agent: Agent) -> Plan:
    with desk.database.reading() as session:
        return shifts.roster(session, agent.id or 0).plan


def test_a_supervisor_plans_somebodys_shifts_and_sees_who_is_there(
    desk: Desk, cast: Cast, sofia: TestClient
) -> None:
    form = WEEK | {"days_off": "2026-12-24 – 2026-12-26\n2027-01-01\n", "most_waiting": "7"}
    answer = sofia.post(f"/shifts/{cast.ana.id}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/shifts/{cast.ana.id}?done=saved")
    plan = plan_of(desk, cast.ana)
    assert plan.hours == {"mon": ("09:00-13:00", "14:00-18:00"), "sat": ("22:00-02:00",)}
    assert [str(first) for first, _ in plan.days_off] == ["2026-12-24", "2027-01-01"]
    assert plan.most_waiting == 7
    page = sofia.get("/shifts").text
    assert "On shift until 13:00 (Europe/Rome)" in page
    assert "0 of at most 7" in page
    shown = sofia.get(f"/shifts/{cast.ana.id}?done=saved").text
    assert 'name="mon" value="09:00-13:00, 14:00-18:00"' in shown
    assert '<label for="mon">Monday</label>' in shown
    assert '<label for="sun">Sunday</label>' in shown
    assert "2026-12-24 – 2026-12-26" in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Atlantis"},
        {"mon": "9 to 5"},
        {"days_off": "Christmas"},
        {"most_waiting": "many"},
        {"most_waiting": "0"},
    ],
)
def test_what_cannot_be_understood_is_shown_again_with_what_is_wrong(
    desk: Desk, cast: Cast, sofia: TestClient, wrong: dict[str, str]
) -> None:
    answer = sofia.post(f"/shifts/{cast.ana.id}", data=WEEK | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert next(iter(wrong.values())) in answer.text
    assert plan_of(desk, cast.ana).hours == {}


def test_a_supervisor_of_some_accounts_plans_for_their_people_alone(
    desk: Desk, cast: Cast, signed_in: Visitor
) -> None:
    other = another_account(desk.database)
    place(desk.database, cast.sofia, "supervisor", {1: "supervisor"})
    place(desk.database, cast.ana, "agent", {1: "agent"})
    place(desk.database, cast.ben, "agent", {1: "agent", other: "agent"})
    sofia = signed_in("sofia")
    page = sofia.get("/shifts").text
    assert "Ana Horvat" in page
    assert "Ben Okoro" not in page
    assert sofia.post(f"/shifts/{cast.ana.id}", data=WEEK).status_code == 303
    assert sofia.post(f"/shifts/{cast.ben.id}", data=WEEK).status_code == 404
    assert plan_of(desk, cast.ben).hours == {}


def test_an_agent_sees_his_shifts_and_says_when_he_is_away(desk: Desk, cast: Cast, ana: TestClient) -> None:
    _works(desk, cast.ana, "08:00-18:00")
    assert "On shift until 18:00 (UTC)" in ana.get("/account").text
    assert ana.post("/account/away", data={"minutes": "60"}).status_code == 303
    page = ana.get("/account?done=away").text
    assert "You are away: no case is given to you." in page
    assert "Away until 11:00 (UTC)" in page
    assert ana.post("/account/away/ending").status_code == 303
    assert "On shift until 18:00 (UTC)" in ana.get("/account").text
    assert ana.post("/account/away/ending").status_code == 409


def test_a_case_tells_in_small_print_why_it_is_where_it_is(
    desk: Desk, cast: Cast, maria: Case, ana: TestClient
) -> None:
    _works(desk, cast.ana, "18:00-08:00", es="writes")
    routing = Routing(method="round_robin")
    running.run(desk.database, routing)
    page = ana.get(f"/cases/{maria.id}").text
    assert "Nobody who could take it in Spanish is on shift until 18:00 (UTC)." in page
    _works(desk, cast.ana, "08:00-18:00", es="writes")
    running.run(desk.database, routing)
    assert (
        "Given to Ana Horvat, who writes Spanish and is on shift until 18:00 (UTC)."
        in ana.get(f"/cases/{maria.id}").text
    )


def test_the_next_hours_say_in_words_which_language_comes_first(
    desk: Desk, cast: Cast, town: Town, maria: Case, sofia: TestClient
) -> None:
    _works(desk, cast.ana, "18:00-08:00", es="writes")
    page = sofia.get("/coverage").text
    assert "Spanish: nobody who writes it is on shift until 18:00 (UTC)." in page
    assert "Spanish: 1 case waits for us." in page
    assert "Ask who writes Spanish and is not there now: Ana Horvat." in page
    assert "/replies/out_of_hours/es" in page
    assert page.count('<td class="hour nobody">') == 8


def test_where_nobody_waits_the_next_hours_are_empty(sofia: TestClient) -> None:
    assert "Nobody waits, and nobody is expected to write." in sofia.get("/coverage").text


def test_somebody_in_time_for_everybody_is_all_well(
    desk: Desk, cast: Cast, maria: Case, sofia: TestClient
) -> None:
    _works(desk, cast.ana, "08:00-18:00", es="writes")
    assert "As things stand, every language is answered in time." in sofia.get("/coverage").text


def _works(desk: Desk, agent: Agent, hours: str, **levels: str) -> None:
    with desk.database.transaction() as session:
        known = _known(session, agent)
        shifts.plan(session, known, Plan("UTC", dict.fromkeys(DAYS, (hours,))), by=None)
        skills.learn(session, known, levels)


def _known(session: Session, agent: Agent) -> Agent:
    return session.get_one(Agent, agent.id)
