"""What stands against a reply is dealt with by keys alone, where it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replies import Reply, State
from tests.console.conftest import IN_A_BROWSER, Open, press
from tests.console.looking import shuts_nobody_out

pytestmark = IN_A_BROWSER
GERMAN = "Das tut uns leid, wir sehen es uns jetzt an und melden uns gleich bei Ihnen."
LINK = "https://example.com/a"


def refused(open_page: Open, case: Case, words: str, complaints: list[str]) -> Page:
    page = open_page(f"/cases/{case.id}", username="ana", viewport={"width": 1440, "height": 900})
    page.locator("#text").fill(words)
    expect(page.locator("#objections")).to_be_visible()
    press(page, "Control+Enter")
    alert = page.get_by_role("alert").and_(page.locator(".problem"))
    expect(alert).to_have_text("Nothing has gone out yet: something stands against it.")
    complaints[:] = [each for each in complaints if "422" not in each]
    shuts_nobody_out(page)
    return page


def state(desk: Desk) -> str | None:
    with desk.database.reading() as session:
        reply = session.exec(select(Reply)).first()
        return reply.state if reply else None


def approved(page: Page, desk: Desk) -> None:
    expect(page.locator("#flash")).to_contain_text("Approved")
    assert state(desk) == State.APPROVED


@pytest.mark.parametrize("key", ["Control+Enter", "Enter", "c"])
def test_approving_once_more_confirms_what_stood_against_it(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str], key: str
) -> None:
    page = refused(open_page, maria, GERMAN, complaints)
    confirm = page.get_by_role("button", name="Confirm and approve")
    expect(confirm).to_be_focused()
    expect(confirm).to_be_in_viewport()
    assert state(desk) is None
    page.wait_for_timeout(1_000)  # what is pressed at once is meant for the page before
    press(page, key)
    approved(page, desk)


def test_a_key_held_down_confirms_nothing(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str]
) -> None:
    page = refused(open_page, maria, GERMAN, complaints)
    page.wait_for_timeout(1_000)
    repeated = "new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, repeat: true, bubbles: true })"
    page.evaluate(f"document.activeElement.dispatchEvent({repeated})")
    page.wait_for_timeout(500)
    expect(page.get_by_role("button", name="Confirm and approve")).to_be_focused()
    assert state(desk) is None


def test_other_words_are_looked_at_anew(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str]
) -> None:
    page = refused(open_page, maria, GERMAN, complaints)
    page.locator("#text").fill(f"{GERMAN} Danke.")
    page.wait_for_timeout(1_000)
    press(page, "Control+Enter")
    expect(page.get_by_role("button", name="Confirm and approve")).to_be_focused()
    assert state(desk) is None
    complaints[:] = [each for each in complaints if "422" not in each]


def test_of_several_each_is_ticked_by_key(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str]
) -> None:
    page = refused(open_page, maria, f"{GERMAN} {LINK}", complaints)
    boxes = page.locator("#against [name=override]")
    expect(boxes).to_have_count(2)
    expect(boxes.first).to_be_focused()
    expect(page.locator("#against")).to_contain_text("Tick what is meant, then approve once more: Ctrl Enter")
    press(page, "Space")
    boxes.last.focus()
    press(page, "Space")
    press(page, "Control+Enter")
    approved(page, desk)


def test_what_only_a_supervisor_decides_is_one_key_away(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str]
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill("Llámenos al +34 612 345 678, por favor.")
    press(page, "Control+Enter")
    ask = page.get_by_role("button", name="Ask a supervisor")
    expect(ask).to_be_focused()
    complaints[:] = [each for each in complaints if "422" not in each]
    press(page, "Enter")
    expect(page.locator("#flash")).to_contain_text("A second person has to approve it")
