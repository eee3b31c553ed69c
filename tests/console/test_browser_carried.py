"""Chosen cases that newer ones push off the page: they stay chosen, and what is done is done to them too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = pytest.mark.browser
CROWD = 51  # one more than a page


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The browser sees no difference between the engines: one is enough here."""
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(autouse=True)
def crowd(town: Town) -> None:
    for number in range(CROWD):
        comes(town, number, minutes_ago=200 - number)


def comes(town: Town, number: int, minutes_ago: float) -> Case:
    town.meet(str(700 + number), f"customer_{number}", "Somebody")
    return town.writes(str(700 + number), "Where is my parcel?", minutes_ago=minutes_ago)


def choose_the_last_two(page: Page) -> None:
    """The rows 49 and 50; nobody is in the list afterwards, so that it changes by itself."""
    for case in (49, 50):
        page.locator(f"#case-{case} .pick input").check()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_timeout(500)  # the stream has begun


def two_come_first(town: Town) -> None:
    """Who waited longer is told by X late."""
    comes(town, 90, minutes_ago=300)
    comes(town, 91, minutes_ago=299)


def carried(page: Page) -> list[str]:
    found: list[str] = page.locator("#carried-rows input").evaluate_all(
        "(all) => all.map((each) => each.value)"
    )
    return found


def test_what_is_pushed_off_the_page_stays_chosen_and_is_changed_with_the_others(
    open_page: Open, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    page.locator("#case-1 .pick input").check()
    choose_the_last_two(page)
    two_come_first(town)
    expect(page.locator("#case-50")).to_have_count(0)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 2")
    expect(page.locator("[data-picked]")).to_have_text("3 chosen:")
    page.locator("#carried summary").click()
    expect(page.locator("#carried-rows li").first).to_contain_text("Where is my parcel?")
    for _ in every_light(page):
        shuts_nobody_out(page)
    for _ in every_width(page, 320, 900, 1440):
        scrolls_not_sideways(page)
    page.locator("#together [name=act]").select_option("assign")
    page.locator("#together button").click()
    expect(page.get_by_role("heading", name="3 cases will be yours.")).to_be_visible()


def test_when_all_that_is_chosen_is_elsewhere_the_bar_and_the_keys_are_for_it(
    open_page: Open, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    choose_the_last_two(page)
    two_come_first(town)
    expect(page.locator("#carried")).to_be_visible()
    assert sorted(carried(page)) == ["49", "50"]
    press(page, "e")
    expect(page.get_by_role("heading", name="2 cases will be resolved.")).to_be_visible()


def test_it_can_be_let_go_one_by_one_or_at_once(open_page: Open, town: Town) -> None:
    page = open_page("/queue", username="ana")
    choose_the_last_two(page)
    two_come_first(town)
    page.locator("#carried summary").click()
    page.locator("#carried-rows input").first.click()
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 1")
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    page.get_by_role("button", name="Choose these no longer").click()
    expect(page.locator("#carried")).to_be_hidden()
    expect(page.locator("#together")).to_be_hidden()


def test_what_has_left_the_list_is_chosen_no_longer(
    open_page: Open, desk: Desk, cast: Cast, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    choose_the_last_two(page)
    with desk.database.transaction() as session:
        cases.hold(session, 50).resolve(by=cast.ben)
    expect(page.locator("#carried-told")).to_have_text(re.compile("in this list no more: 1"))
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    expect(page.locator("#carried")).to_be_hidden()
    expect(page.locator("#case-49 .pick input")).to_be_checked()


def test_what_leaves_the_list_while_the_agent_is_in_it_is_chosen_no_longer(
    open_page: Open, desk: Desk, cast: Cast
) -> None:
    """The row stays where it was, so that nothing moves under the agent."""
    page = open_page("/queue", username="ana")
    for case in (4, 5):
        page.locator(f"#case-{case} .pick input").check()
    page.wait_for_timeout(500)  # the stream has begun
    with desk.database.transaction() as session:
        cases.hold(session, 4).resolve(by=cast.ben)
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    expect(page.locator("#case-4")).to_have_class(re.compile(r"\bleft\b"))
    expect(page.locator("#case-4 .pick input")).not_to_be_checked()
    told = page.locator("#carried-told")
    expect(told).to_have_text("Chosen, and in this list no more: 1. They are chosen no longer.")
    expect(told).not_to_have_class(re.compile("unseen"))
    for _ in every_light(page):
        shuts_nobody_out(page)
    page.locator("#case-4 .pick input").click()  # once more, and it has left the list still
    expect(page.locator("#case-4 .pick input")).not_to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    page.locator("#together [name=act]").select_option("assign")
    page.locator("#together button").click()
    expect(page.get_by_role("heading", name="One case will be yours.")).to_be_visible()


def test_what_is_pushed_off_the_page_while_the_agent_is_in_it_stays_chosen(
    open_page: Open, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    page.locator("#case-49 .pick input").check()
    page.locator("#case-50 .pick input").check()
    page.wait_for_timeout(500)  # the stream has begun
    two_come_first(town)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 2")
    expect(page.locator("[data-picked]")).to_have_text("2 chosen:")
    expect(page.locator("#carried-told")).to_have_class(re.compile("unseen"))


def test_what_is_carried_and_leaves_the_list_is_chosen_no_longer(
    open_page: Open, desk: Desk, cast: Cast, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    choose_the_last_two(page)
    two_come_first(town)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 2")
    page.locator("#carried summary").click()
    expect(page.locator("#carried-rows li").first).to_contain_text("Where is my parcel?")
    with desk.database.transaction() as session:
        cases.hold(session, 50).resolve(by=cast.ben)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 1")
    expect(page.locator("#carried-told")).to_have_text(re.compile("in this list no more: 1"))
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")


def test_what_comes_back_to_the_page_is_ticked_there(
    open_page: Open, desk: Desk, cast: Cast, town: Town
) -> None:
    page = open_page("/queue", username="ana")
    choose_the_last_two(page)
    two_come_first(town)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 2")
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ben)
        cases.hold(session, 2).resolve(by=cast.ben)
    expect(page.locator("#case-49 .pick input")).to_be_checked()
    expect(page.locator("#case-50 .pick input")).to_be_checked()
    expect(page.locator("#carried")).to_be_hidden()
    expect(page.locator("[data-picked]")).to_have_text("2 chosen:")


def looks_at_what_will_happen(page: Page) -> None:
    page.locator("#together [name=act]").select_option("assign")
    page.locator("#together button").click()
    expect(page.get_by_role("heading", name="3 cases will be yours.")).to_be_visible()


@pytest.fixture
def three_chosen(open_page: Open, town: Town) -> Page:
    """One on the page, and two that were pushed off it."""
    page = open_page("/queue", username="ana")
    page.locator("#case-1 .pick input").check()
    choose_the_last_two(page)
    two_come_first(town)
    expect(page.locator("#carried summary")).to_have_text("Chosen, on other pages of this list: 2")
    return page


@pytest.mark.parametrize("kept", [False, True], ids=["loaded anew", "kept by the browser"])
def test_back_from_what_will_happen_all_that_was_chosen_is_chosen_still(
    three_chosen: Page, kept: bool
) -> None:
    page = three_chosen
    looks_at_what_will_happen(page)
    page.go_back()
    if kept:  # it shows the page as it was left, which is then asked for anew; here it keeps none
        with page.expect_navigation():
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("[data-picked]")).to_have_text("3 chosen:")
    expect(page.locator("#case-1 .pick input")).to_be_checked()
    page.locator("#carried summary").click()
    expect(page.locator("#carried-rows li").first).to_contain_text("Where is my parcel?")
    assert sorted(carried(page)) == ["49", "50"]
    looks_at_what_will_happen(page)


def test_back_from_it_what_has_left_the_list_meanwhile_is_chosen_no_longer(
    three_chosen: Page, desk: Desk, cast: Cast
) -> None:
    page = three_chosen
    looks_at_what_will_happen(page)
    with desk.database.transaction() as session:
        cases.hold(session, 50).resolve(by=cast.ben)
        cases.hold(session, 1).resolve(by=cast.ben)
    page.go_back()
    expect(page.locator("#carried-told")).to_have_text(re.compile("in this list no more: 2"))
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")


def test_who_goes_on_by_a_link_begins_anew(three_chosen: Page) -> None:
    page = three_chosen
    looks_at_what_will_happen(page)
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("#changed")).to_contain_text("3 cases are yours.")
    expect(page.locator("#together")).to_be_hidden()
    page.locator("#lists a[href='/queue?status=mine']").first.click()
    expect(page.locator("#case-49")).to_be_visible()
    page.locator("#lists a[href='/queue?status=waiting']").first.click()
    expect(page.locator("#case-1")).to_be_visible()
    expect(page.locator("#together")).to_be_hidden()
