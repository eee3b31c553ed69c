"""The list beside a case: three panes on a wide screen, and the next case a key away."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
WIDE = {"width": 1440, "height": 900}


def test_the_list_stands_beside_the_case_and_keys_go_through_it(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana", viewport=WIDE)
    beside = page.locator("#beside")
    expect(beside.locator("li")).to_have_count(2)
    expect(beside.locator("[aria-current]")).to_have_attribute("href", re.compile(f"/cases/{maria.id}"))
    press(page, "j")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/cases/{kenji.id}"))


def test_what_leaves_the_list_leaves_it_there_too(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana", viewport=WIDE)
    expect(page.locator("#beside li")).to_have_count(2)
    with desk.database.transaction() as session:
        cases.hold(session, kenji.id or 0).resolve(by=cast.ben)
    expect(page.locator("#beside li")).to_have_count(1)


def test_it_shuts_nobody_out_and_is_not_there_where_there_is_no_room(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana", viewport=WIDE)
    expect(page.locator("#beside li")).to_have_count(2)
    for _ in every_light(page):
        shuts_nobody_out(page)
    for width in every_width(page, 320, 760, 1100, 1440):
        scrolls_not_sideways(page)
        expect(page.locator("#beside")).to_be_visible(visible=width >= 1100)


def test_without_coming_from_a_list_there_is_none(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", viewport=WIDE)
    expect(page.locator("#beside")).to_have_count(0)
