"""What others wrote in a case's conversation: folded, opened by keys, and still open when drawn anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from tests.conftest import Cast
from tests.console.conftest import Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.stories import arrive, post

pytestmark = pytest.mark.browser
THEIRS = "conversation-of-101"
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The browser sees no difference between the engines: one is enough here."""
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(autouse=True)
def bob(town: Town, maria: Case) -> Case:
    town.meet("201", "bob", "Bob")
    town.writes("201", "Mine is late, too", minutes_ago=25, conversation=THEIRS)
    case = town.writes("201", "Hello? " + "x" * 4_000, minutes_ago=24, conversation=THEIRS)
    town.writes("101", "¿Hola?", minutes_ago=20)
    return case


def test_it_opens_by_a_key_leads_to_their_case_and_stays_open(
    open_page: Open, town: Town, maria: Case, bob: Case
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", viewport=WIDE)
    summary = page.locator(".bystanders summary")
    expect(summary).to_have_text("2 posts by @bob in this conversation")
    expect(page.get_by_text("Mine is late, too")).to_be_hidden()
    summary.focus()
    press(page, "Enter")
    expect(page.get_by_text("Mine is late, too")).to_be_visible()
    town.writes("101", "¿Siguen ahí?", minutes_ago=1)
    expect(page.locator("#thread")).to_contain_text("¿Siguen ahí?")
    expect(page.get_by_text("Mine is late, too")).to_be_visible()
    page.locator(".bystanders").get_by_role("link", name="@bob: case").first.click()
    page.wait_for_url(f"**/cases/{bob.id}")


def test_it_is_open_without_scripts_too(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", java_script_enabled=False)
    page.locator(".bystanders summary").click()
    expect(page.get_by_text("Mine is late, too")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_with_all_that_stands_beside_it_it_shuts_nobody_out(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, language: str
) -> None:
    arrive(desk, *(post(str(9000 + n), f"Me too {n}", minutes=n / 9, conversation=THEIRS) for n in range(60)))
    arrive(desk, post("101", "¿Y mi tarjeta regalo?", minutes=-500, conversation="another"))
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).language = language
        newest = max(case for case in range(1, 100) if session.get(Case, case))
        notes.write(session, cases.hold(session, newest), "Refund promised by Friday. " * 30, by=cast.ben)
    page = open_page(f"/cases/{maria.id}", username="ana", viewport=WIDE)
    for summary in page.locator(".bystanders summary").all():
        summary.click()
    for _ in every_light(page):
        shuts_nobody_out(page)
    for _ in every_width(page, 320, 760, 1100, 1440):
        scrolls_not_sideways(page)
