"""New cases of a list with many pages: told wherever they stand, shown when the agent wants to see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.conftest import IN_A_BROWSER, Open, Town, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
CROWD = 55  # more than a page


@pytest.fixture(autouse=True)
def crowd(town: Town) -> None:
    for number in range(CROWD):
        comes(town, number, minutes_ago=200 - number)


def comes(town: Town, number: int, text: str = "Where is my parcel?", minutes_ago: float = 1) -> None:
    town.meet(str(700 + number), f"customer_{number}", "Somebody")
    town.writes(str(700 + number), text, minutes_ago=minutes_ago)


def test_new_cases_on_another_page_are_counted_and_shown_above_the_list(open_page: Open, town: Town) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 1280, "height": 700})
    page.wait_for_timeout(500)  # the stream has begun
    button = page.locator("#show-new")
    comes(town, 90)
    expect(button).to_have_text("1 new — show")
    for key in ("j", "j", "x"):
        press(page, key)
    comes(town, 91)
    comes(town, 0, "Hello?")  # waits already: nobody new
    expect(button).to_have_text("2 new — show")
    expect(page.locator("#further")).to_be_hidden()
    press(page, ".")
    expect(button).to_be_hidden()
    new = page.get_by_role("region", name="New, on other pages of this list").locator(".row")
    expect(new).to_have_count(2)
    expect(new.first).to_contain_text("@customer_90")
    expect(page.locator("#new-shown")).to_have_text("New on this page: 0. On other pages of this list: 2.")
    expect(page.locator("#case-2 .open")).to_be_focused()
    expect(page.locator("#case-2 .pick input")).to_be_checked()
    shuts_nobody_out(page)
    comes(town, 92)
    expect(button).to_have_text("1 new — show")
    expect(new).to_have_count(2)


def test_who_was_in_no_row_is_led_to_the_first_new_one(open_page: Open, town: Town) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 320, "height": 700})
    page.wait_for_timeout(500)
    comes(town, 90)
    page.locator("#show-new").click()
    row = page.locator("#further-rows .row")
    expect(row.locator(".open")).to_be_focused()
    press(page, "x")
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    scrolls_not_sideways(page)
    press(page, "e")
    expect(page.get_by_role("heading", name="One case will be resolved.")).to_be_visible()


def test_the_button_leaves_the_agent_in_the_row_where_he_was(open_page: Open, town: Town) -> None:
    page = open_page("/queue", username="ana", viewport={"width": 1280, "height": 700})
    page.wait_for_timeout(500)
    for _ in range(30):
        press(page, "j")
    comes(town, 90, minutes_ago=300)  # the first of the list
    comes(town, 91)
    expect(page.locator("#show-new")).to_have_text("2 new — show")
    page.locator("#show-new").click()
    expect(page.locator("#rows > .row").first).to_contain_text("@customer_90")
    expect(page.locator("#new-shown")).to_have_text("New on this page: 1. On other pages of this list: 1.")
    expect(page.locator("#case-30 .open")).to_be_focused()
    expect(page.locator("#case-30 .open")).to_be_in_viewport()


def test_the_palette_and_the_help_know_the_button(open_page: Open, town: Town) -> None:
    page = open_page("/queue", username="ana")
    page.wait_for_timeout(500)
    comes(town, 90)
    expect(page.locator("#show-new")).to_be_visible()
    press(page, "?")
    line = page.locator("#help .keys > div:visible").filter(has_text="show what is new in the list")
    expect(line.locator("kbd")).to_have_text(".")
    press(page, "Escape")
    press(page, "Control+k")
    page.keyboard.type("new show")
    expect(page.get_by_role("option", selected=True).locator("kbd")).to_have_text(".")
    press(page, "Enter")
    expect(page.locator("#further-rows .row")).to_have_count(1)
