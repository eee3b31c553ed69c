"""Searching in a real browser: with keys alone, in every script, and open to everybody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from socialdesk.cases import Case
from socialdesk.desk import Desk
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.console.test_console_search import index, put_far_back

pytestmark = IN_A_BROWSER


@pytest.fixture
def written(desk: Desk, town: Town, maria: Case, kenji: Case) -> None:
    """Maria, Kenji and Layla, and somebody with much to say."""
    assert maria and kenji
    town.meet("300", "layla_q", "ليلى القحطاني")
    town.writes("300", "السلام عليكم، طلبي (رقم 402-998) تأخر أسبوعا كاملا، متى يصل؟", private=True)
    town.meet("301", "W" * 15, "Annalena Freifrau von und zu Hohenlohe-Langenburg")
    town.writes("301", "I have waited for so long and " * 30 + "order 402-998 is " + "not here and " * 30)
    town.writes("302", "402-998")
    index(desk)


def test_the_keys_lead_from_anywhere_to_what_is_looked_for(open_page: Open, written: None) -> None:
    page = open_page("/queue", username="ana")
    press(page, "/")
    field = page.get_by_role("searchbox", name="Search")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("ログイン")
    press(page, "Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.locator("mark")).to_have_text("ログイン")
    press(page, "j")
    expect(page.get_by_role("link", name="@kenji")).to_be_focused()
    press(page, "Enter")
    page.wait_for_url("**/cases/*#message-*")
    expect(page.locator("#thread .theirs")).to_be_in_viewport()


def test_the_search_page_shuts_nobody_out(open_page: Open, written: None) -> None:
    page = open_page("/queue", username="ana")
    for query in ("402-998", "", "x", "zzyzx"):
        page.goto(f"/search?q={query}")
        for _ in every_light(page):
            shuts_nobody_out(page)


def test_nothing_has_to_be_scrolled_sideways(open_page: Open, written: None) -> None:
    page = open_page("/search?q=402-998", username="ana")
    expect(page.locator(".hit")).to_have_count(3)
    for _ in every_width(page, 320, 640, 1280):
        scrolls_not_sideways(page)


def test_searching_works_without_scripts(open_page: Open, written: None) -> None:
    page = open_page("/queue", username="ana", java_script_enabled=False)
    page.get_by_role("searchbox").fill("@maria")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".hit")).to_have_count(1)


@pytest.fixture
def far_back(written: None, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialdesk.console.search.ENOUGH_SECONDS", 0.0)
    put_far_back(desk)


def test_a_search_that_told_nothing_at_once_goes_on_by_itself(open_page: Open, far_back: None) -> None:
    page = open_page("/search?q=402-998", username="ana")
    expect(page.locator(".hit")).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="3 cases")).not_to_contain_text("Not searched")
    expect(page.get_by_text("newest first")).to_be_visible()
    expect(page.get_by_role("link", name="Search further back")).to_have_count(0)
    expect(page.locator(".hit time").first).to_have_attribute("title", re.compile(r"\d"))
    press(page, "j")
    expect(page.locator(".hit .open").first).to_be_focused()


def test_what_cannot_be_asked_for_leaves_the_way_to_it(open_page: Open, far_back: None) -> None:
    page = open_page("/queue", username="ana")
    page.route("**/search?*further=1", lambda route: route.fulfill(body=""))
    page.goto("/search?q=402-998")
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_text("Nothing found so far.")).to_be_visible()
    shuts_nobody_out(page)
    page.unroute("**/search?*further=1")
    page.get_by_role("link", name="Search further back").click()
    expect(page.locator(".hit")).to_have_count(3)
    assert "further=1" in page.url
