"""While the desk cannot be reached no key takes the page away, nor the words on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from socialdesk.cases import Case
from tests.console.conftest import IN_A_BROWSER, Open, press

pytestmark = IN_A_BROWSER

NOTHING_DONE = "The desk cannot be reached: nothing was done. Press again when the connection is back."


def disconnect(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-newest", re.compile(r"\d+"))
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("Connection lost since")


DEEDS: dict[str, Callable[[Page], None]] = {
    "resolve": lambda page: press(page, "e"),
    "take": lambda page: press(page, "a"),
    "to the list": lambda page: press(page, "Escape"),
    "to Approvals": lambda page: page.locator("#main-nav a[href='/approvals']").click(),
    "sign out": lambda page: page.get_by_role("button", name="Sign out").click(),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("words", ["", "Lo miramos aho"])
def test_nothing_takes_the_page_away(
    open_page: Open, maria: Case, complaints: list[str], deed: str, words: str
) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana")
    page.wait_for_load_state()
    disconnect(page)
    page.locator("#text").fill(words)
    page.locator("#text").blur()
    DEEDS[deed](page)
    expect(page.locator("#notice")).to_contain_text(NOTHING_DONE)
    expect(page).to_have_url(re.compile(rf"/cases/{maria.id}\?from=waiting$"))
    expect(page.locator("#text")).to_have_value(words)
    page.context.close()
    complaints.clear()


def test_once_it_is_back_the_same_key_does_it(open_page: Open, maria: Case, complaints: list[str]) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.wait_for_load_state()
    disconnect(page)
    press(page, "e")
    expect(page.locator("#notice")).to_contain_text(NOTHING_DONE)
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_be_hidden()
    press(page, "e")
    expect(page.locator("#flash")).to_contain_text("The case is resolved.")
    complaints.clear()
