"""j, k and Enter on pages that are not the queue: the parity board, people, incidents; and what keys do there
and on a row of the queue while the desk cannot be reached."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.incidents import incidents
from socialdesk.people.agents import Agent, Role
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, press
from tests.console.test_browser_offline import NOTHING_DONE, disconnect

pytestmark = IN_A_BROWSER


def stepped(page: Page) -> str:
    """Where the link leads that has the focus, in plain sight."""
    expect(page.locator("[data-step] a:focus")).to_be_in_viewport()
    hidden = page.evaluate(
        """() => { const here = document.activeElement, box = here.getBoundingClientRect();
        return !here.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""
    )
    assert not hidden, "something lies over it"
    return page.locator("[data-step] a:focus").get_attribute("href") or ""


def test_the_parity_board_is_walked_through_in_the_column_where_one_is(open_page: Open) -> None:
    page = open_page("/replies", username="sofia")
    rows = page.locator("tr[data-step]")
    first, second = (rows.nth(at).locator("a").first.get_attribute("href") for at in (0, 1))
    press(page, "j")
    assert stepped(page) == first
    press(page, "j")
    assert stepped(page) == second
    rows.nth(1).locator("a").nth(2).focus()
    press(page, "k")
    third_column = rows.nth(0).locator("a").nth(2).get_attribute("href") or ""
    assert stepped(page) == third_column
    for _ in range(rows.count() + 2):
        press(page, "j")
    assert stepped(page) == rows.last.locator("a").nth(2).get_attribute("href")
    press(page, "k")
    below = stepped(page)
    press(page, "Enter")
    expect(page).to_have_url(re.compile(re.escape(below) + "$"))


def test_people_and_incidents_are_walked_through(open_page: Open, desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = Role.ADMIN
        for name in ("Late parcels", "Cards"):
            incidents.open_new(session, name=name, account_id=1, begins_at=clock.now(), by=cast.sofia)
    page = open_page("/people", username="sofia")
    press(page, "j")
    press(page, "j")
    assert stepped(page) == f"/people/{cast.ben.id}"
    press(page, "Enter")
    expect(page).to_have_url(re.compile(rf"/people/{cast.ben.id}$"))
    page.goto("/incidents")
    press(page, "k")
    last = stepped(page)
    press(page, "k")
    assert stepped(page) != last
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/incidents/\d+$"))


def test_the_help_tells_it_where_it_is_so(open_page: Open) -> None:
    page = open_page("/replies", username="sofia")
    press(page, "?")
    told = page.locator("#help")
    expect(told).to_contain_text("next and previous in a list")
    expect(told).to_contain_text("open the one that you are at")
    page.keyboard.press("Escape")
    page.goto("/languages")
    press(page, "?")
    expect(told).not_to_contain_text("open the one that you are at", use_inner_text=True)


def test_supervisors_who_can_open_nobody_are_led_nowhere(open_page: Open) -> None:
    page = open_page("/people", username="sofia")
    press(page, "j")
    expect(page.locator("body")).to_be_focused()


@pytest.mark.parametrize("key", ["a", "e", "r", "s"])
def test_on_a_row_of_the_queue_a_key_says_that_nothing_was_done(
    open_page: Open, maria: Case, complaints: list[str], key: str
) -> None:
    page = open_page("/queue", username="ana")
    page.wait_for_load_state()
    disconnect(page)
    press(page, "j")
    press(page, key)
    if key == "s":  # until when is asked first
        page.locator("#together select[name=until]").focus()
        page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text(NOTHING_DONE)
    expect(page).to_have_url(re.compile(r"/queue$"))
    page.context.close()
    complaints.clear()


def test_s_on_an_answered_case_asks_until_when_one_wants_to_be_reminded(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    with desk.database.transaction() as session:
        case = session.get_one(Case, maria.id)
        case.we_wrote(at=case.last_message_at, x_id="1", unseen_since=None)
    page = open_page(f"/cases/{maria.id}", username="ana")
    press(page, "s")
    menu = page.locator("#snooze")
    expect(menu).to_contain_text("Remind me if they have not written by")
    menu.get_by_role("button", name="Tomorrow, 9:00").click()
    expect(page.locator("#flash")).to_contain_text("snoozed")
    expect(page.locator("main")).to_contain_text("Waiting for the customer, snoozed by Ana Horvat until")
    press(page, "u")
    expect(page.locator("#flash")).to_contain_text("Undone")
