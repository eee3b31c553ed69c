"""Back from a case the agent is where he was in the list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from socialdesk import cases
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, press

pytestmark = IN_A_BROWSER
CROWD = 60  # more than a page


@pytest.fixture(autouse=True)
def crowd(town: Town) -> None:
    for number in range(CROWD):
        town.meet(str(700 + number), f"customer_{number}", "Somebody")
        town.writes(str(700 + number), "Where is my parcel?", minutes_ago=200 - number)


def goes_down(page: Page, rows: int) -> None:
    for _ in range(rows):
        press(page, "j")


def opens(page: Page) -> None:
    press(page, "Enter")
    page.wait_for_url("**/cases/*")


def is_in_sight(page: Page, case: int) -> None:
    link = page.locator(f"#case-{case} .open")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()


def test_escape_leads_back_to_the_row_of_the_case(open_page: Open) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 1280, "height": 700})
    goes_down(page, 31)
    before = page.evaluate("scrollY")
    assert before > 40
    opens(page)
    press(page, "Escape")
    page.wait_for_url("**/queue?status=waiting")
    is_in_sight(page, 31)
    assert abs(page.evaluate("scrollY") - before) < 120  # a row or two: what stands above the list may differ
    press(page, "j")
    expect(page.locator("#case-32 .open")).to_be_focused()


def test_it_leads_to_the_row_behind_where_the_case_has_gone(open_page: Open, desk: Desk, cast: Cast) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 1280, "height": 700})
    goes_down(page, 31)
    opens(page)
    with desk.database.transaction() as session:
        cases.hold(session, 31).resolve(by=cast.ben)
    press(page, "Escape")
    page.wait_for_url("**/queue?status=waiting")
    is_in_sight(page, 32)


def test_it_leads_back_to_the_page_of_the_list(open_page: Open) -> None:
    page = open_page("/queue", username="ana")
    page.get_by_role("link", name="Further down").click()
    page.wait_for_url("**after=*")
    goes_down(page, 3)
    opens(page)
    press(page, "Escape")
    page.wait_for_url(re.compile("after="))
    is_in_sight(page, 53)


def test_another_list_is_not_taken_for_it(open_page: Open) -> None:
    page = open_page("/queue", username="ana")
    page.get_by_role("link", name="Further down").click()
    page.wait_for_url("**after=*")
    page.goto("/cases/2?from=unassigned")
    press(page, "Escape")
    page.wait_for_url("**/queue?status=unassigned")
    is_in_sight(page, 2)
    page.goto("/account")
    page.goto("/queue")
    expect(page.locator("#rows :focus")).to_have_count(0)


@pytest.mark.parametrize("told", ["{", "7", "null", '{"address": 7}'])
def test_what_no_page_of_ours_has_kept_stops_nothing(
    open_page: Open, complaints: list[str], told: str
) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 1280, "height": 700})
    page.evaluate(
        """(told) => addEventListener("pagehide", () => sessionStorage.setItem("list", told))""", told
    )
    page.goto("/cases/1?from=waiting")
    press(page, "Escape")
    page.wait_for_url("**/queue?status=waiting")
    goes_down(page, 2)
    opens(page)
    assert complaints == []
