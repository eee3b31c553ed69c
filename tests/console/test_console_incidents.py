"""The pages of the incidents: a wave told, an incident opened, held with one reply, and closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import clock, doctor
from socialdesk.audit import AuditEntry
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.incidents.incidents import Incident
from socialdesk.incidents.waves import Wave
from socialdesk.phrases import read_in
from socialdesk.replies import State
from socialdesk.workers.incident_watcher import look, tend
from tests.automated import replies_of
from tests.console.conftest import Open, Town, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.stories import NOON
from tests.test_waves import known_since

PARCEL = "¿Dónde está mi paquete? Lo espero desde el lunes y nadie me contesta."
DELIVERY = "orders_and_delivery"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def wave(desk: Desk, town: Town) -> Wave:
    """Twelve people ask for their parcels within ten minutes."""
    with desk.database.transaction() as session:
        known_since(session, 9)
    for number in range(12):
        town.meet(str(300 + number), f"someone_{number}", f"Someone {number}")
        town.writes(str(300 + number), PARCEL, minutes_ago=2 + number / 2)
    assert look(desk) == 1
    with desk.database.reading() as session:
        return session.exec(select(Wave)).one()


@pytest.fixture
def incident(desk: Desk, sofia: TestClient, wave: Wave) -> str:
    """Its address; @someone_0 was left out."""
    page = sofia.get(f"/incidents/opening?wave={wave.id}").text
    ids = [int(each) for each in re.findall(r'name="case" value="(\d+)"', page)]
    form = {"account": wave.account_id, "topic": DELIVERY, "language": ["es"], "wave": wave.id}
    answer = sofia.post(
        "/incidents", data=form | {"name": "Parcels in the south", "case": sorted(ids)[1:], "shown": ids}
    )
    assert answer.status_code == 303
    return answer.headers["location"]


def test_supervisors_are_told_of_a_wave_on_every_page_and_agents_are_not(
    sofia: TestClient, ana: TestClient, wave: Wave
) -> None:
    told = "Far more cases than usual about “Orders and delivery”"
    assert told in sofia.get("/queue").text
    assert told in sofia.get("/replies").text
    assert told not in ana.get("/queue").text
    assert "12 cases in 10 min." in sofia.get("/incidents").text
    assert ana.post(f"/waves/{wave.id}/dismissal").status_code == 403
    assert sofia.post(f"/waves/{wave.id}/dismissal").status_code == 303
    assert told not in sofia.get("/queue").text
    assert sofia.post(f"/waves/{wave.id}/dismissal").status_code == 409


def test_the_doctor_names_the_wave(desk: Desk, wave: Wave) -> None:
    with desk.database.reading():
        found = [each for each in doctor._database(desk.database, desk.settings) if "wave" in each.what]
    assert [(each.well, each.says[:19]) for each in found] == [(False, "12 cases in 10 min,")]


def test_an_incident_is_opened_with_the_cases_that_were_left_ticked(
    desk: Desk, ana: TestClient, sofia: TestClient, incident: str
) -> None:
    tend(desk)  # what was left out is not joined again as late
    page = ana.get(incident).text
    assert page.count('/removal"') == 11
    assert "Far more cases than usual" not in sofia.get("/queue").text
    assert "Parcels in the south" in ana.get("/queue").text
    assert "Parcels in the south" in ana.get("/incidents").text
    assert "Choose and read a holding reply" not in page
    with desk.database.reading() as session:
        assert (
            session.exec(select(AuditEntry).where(AuditEntry.kind == "incident_opened")).one().who == "sofia"
        )


def test_an_agent_takes_a_case_out_on_its_page(ana: TestClient, incident: str) -> None:
    number = re.findall(rf'action="{incident}/cases/(\d+)/removal"', ana.get(incident).text)[0]
    case = ana.get(f"/cases/{number}").text
    assert f'action="{incident}/cases/{number}/removal"' in case
    assert "put this case into the incident “Parcels in the south”" in case
    answer = ana.post(f"{incident}/cases/{number}/removal", data={"from": ""})
    assert answer.headers["location"].startswith(f"/cases/{number}")
    after = ana.get(answer.headers["location"]).text
    assert "Taken out of the incident." in after
    assert "took this case out of the incident “Parcels in the south”" in after
    assert ana.post(f"{incident}/cases", data={"number": number}).status_code == 403


def test_a_supervisor_adds_a_case_by_its_number(sofia: TestClient, incident: str) -> None:
    assert sofia.post(f"{incident}/cases", data={"number": 1}).status_code == 303
    assert sofia.post(f"{incident}/cases", data={"number": 1}).status_code == 409
    assert sofia.post(f"{incident}/cases", data={"number": 999}).status_code == 404
    assert sofia.get(incident).text.count('/removal"') == 12


def test_the_holding_reply_is_read_approved_stopped_and_the_incident_closed(
    desk: Desk, ana: TestClient, sofia: TestClient, incident: str
) -> None:
    page = sofia.get(f"{incident}/holding").text
    assert page.count("Fits, and nothing is missing") == 13
    stamps = re.findall(r'name="read" value="([^"]+)"', page)
    assert len(stamps) == 1  # one language is concerned
    approval = {"template": "incident_holding"}
    assert sofia.post(f"{incident}/holding", data=approval).status_code == 422
    assert ana.post(f"{incident}/holding", data=approval | {"read": stamps}).status_code == 403
    assert sofia.post(f"{incident}/holding", data=approval | {"read": stamps}).status_code == 303
    tend(desk)
    assert replies_of(desk)
    assert "Given the holding reply of the incident" in ana.get(f"/cases/{replies_of(desk)[0].case_id}").text
    assert "Stop at once" in sofia.get(incident).text
    assert sofia.post(f"{incident}/stopping").status_code == 303
    assert {each.state for each in replies_of(desk)} == {State.CANCELLED}
    assert sofia.post(f"{incident}/stopping").status_code == 409
    assert "0 cases are resolved" in sofia.get(f"{incident}/closing").text
    assert sofia.post(f"{incident}/closing", data={"ending": "queue"}).status_code == 303
    assert "Closed: the cases went back to the queue" in sofia.get(incident).text
    assert "Past" in sofia.get("/incidents").text


def test_the_closing_reply_is_read_before_it_goes_out_and_can_be_stopped(
    desk: Desk, ana: TestClient, sofia: TestClient, incident: str
) -> None:
    page = sofia.get(f"{incident}/closing").text
    assert page.count("Fits, and nothing is missing") == 13
    stamps = re.findall(r'name="read" value="([^"]+)"', page)
    form = {"ending": "queue", "final": "yes", "template": "incident_over"}
    assert sofia.post(f"{incident}/closing", data=form).status_code == 422
    assert sofia.post(f"{incident}/closing", data=form | {"read": stamps}).status_code == 303
    page = sofia.get(incident).text
    assert "The closing reply is going out, spaced out." in page
    assert "Stop at once" not in ana.get(incident).text
    assert ana.post(f"{incident}/final/stopping").status_code == 403
    assert sofia.post(f"{incident}/final/stopping").status_code == 303
    assert "The closing reply was stopped" in sofia.get(incident).text
    assert sofia.post(f"{incident}/final/stopping").status_code == 409


def test_an_incident_by_hand_shows_the_cases_first(sofia: TestClient, wave: Wave) -> None:
    page = sofia.get(f"/incidents/opening?account=1&topic={DELIVERY}&language=es&hours=2").text
    assert page.count('name="case" value=') == 12
    narrowed = sofia.get(f"/incidents/opening?account=1&topic={DELIVERY}&hours=2&words=Sevilla").text
    assert 'name="case" value=' not in narrowed
    assert sofia.get("/incidents/opening?topic=weather").status_code == 422


def test_the_pages_are_told_in_arabic(sofia: TestClient, incident: str) -> None:
    sofia.post("/account/language", data={"language": "ar"})
    with read_in("ar"):
        assert 'dir="rtl"' in sofia.get(incident).text
    assert sofia.get(f"{incident}/holding").status_code == 200


@pytest.mark.browser
def test_the_pages_stand_in_every_light_and_on_every_screen(
    open_page: Open, desk: Desk, wave: Wave, incident: str, tmp_path: Path
) -> None:
    with desk.database.transaction() as session:
        now = clock.now()
        session.add(
            Wave(
                account_id=1,
                topic="payment",
                languages="de fr ar",
                came=31,
                usual=4.5,
                minutes=20,
                began_at=now - timedelta(minutes=15),
                found_at=now,
                seen_at=now,
            )
        )
        assert session.exec(select(Incident)).one()
    page: Page = open_page("/incidents")
    addresses = ("/incidents", incident, f"{incident}/holding", f"{incident}/closing", "/incidents/opening")
    for number, address in enumerate(addresses):
        page.goto(address)
        for light in every_light(page):
            for width in every_width(page, 320, 1280):
                scrolls_not_sideways(page)
                page.screenshot(path=tmp_path / f"{number}-{light}-{width}.png", full_page=True)
            shuts_nobody_out(page)


@pytest.fixture
def mixed(desk: Desk, wave: Wave) -> Wave:
    """The same wave, with one case in a language that none of our templates is in."""
    with desk.database.transaction() as session:
        session.get_one(Case, 1).language = "other"
        session.get_one(Wave, wave.id).languages = "es other"
    return wave


def test_a_wave_with_a_case_in_no_language_of_ours_opens(sofia: TestClient, mixed: Wave) -> None:
    page = sofia.get(f"/incidents/opening?wave={mixed.id}").text
    assert page.count('name="case"') == 12
    assert page.count("No holding reply: there are no templates in this language.") == 1
    form = fields(page)
    assert form["language"] == ["es"]
    as_before = form | {"language": ["es", "other"]}  # by a page that stood open
    answer = sofia.post("/incidents", data=as_before | {"name": "Parcels"})
    shown = sofia.get(answer.headers["location"]).text
    assert shown.count('/removal"') == 12
    assert ">Spanish</th>" in shown


@pytest.mark.parametrize("name", ["", "x" * 90])
def test_what_is_refused_keeps_the_name_and_the_ticks(sofia: TestClient, wave: Wave, name: str) -> None:
    form = fields(sofia.get(f"/incidents/opening?wave={wave.id}").text)
    answer = sofia.post("/incidents", data=form | {"name": name, "case": form["case"][:3]})
    assert answer.status_code == 422
    assert "Give the incident a name of at most 80 characters." in answer.text
    assert ticked(answer.text) == 3
    assert f'value="{name}"' in answer.text


def test_all_none_or_one_language_are_ticked_without_scripts(sofia: TestClient, mixed: Wave) -> None:
    form = fields(sofia.get(f"/incidents/opening?wave={mixed.id}").text) | {"name": "Parcels"}
    for tick, number in (("none", 0), ("all", 12), ("other", 1), ("es", 11)):
        page = sofia.post("/incidents", data=form | {"tick": tick})
        assert (page.status_code, ticked(page.text)) == (200, number)
        assert 'value="Parcels"' in page.text


def fields(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    form = page.partition('method="post" action="/incidents"')[2]
    for name, value in re.findall(r'<input type="(?:hidden|checkbox)" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def ticked(page: str) -> int:
    return len(re.findall(r'name="case" value="\d+" checked>', page))
