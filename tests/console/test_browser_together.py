"""The queue by keys alone: what is done to the chosen rows, or to the one the agent is in, and back again."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER


@pytest.fixture(autouse=True)
def answered(desk: Desk, maria: Case, kenji: Case) -> None:
    """Both have been answered once: whoever resolves them need not beware of anything."""
    with desk.database.transaction() as session:
        for case in (maria, kenji):
            cases.hold(session, case.id or 0).first_response_at = clock.now()


def presses(page: Page, *keys: str) -> None:
    for key in keys:
        press(page, key)


def closes(page: Page, dialog: str) -> None:
    press(page, "Escape")
    expect(page.locator(dialog)).to_be_hidden()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_key_leads_the_chosen_rows_to_the_page_that_says_what_will_happen(open_page: Open) -> None:
    page = open_page("/queue?status=unassigned", username="ana")
    presses(page, "j", "x", "j", "x", "e")
    heading(page, "2 cases will be resolved.")
    press(page, "y")
    expect(page.locator("#changed")).to_contain_text("2 cases are resolved.")
    expect(page).to_have_url(re.compile(r"/queue\?status=unassigned$"))
    press(page, "u")
    expect(page.locator("#changed")).to_have_text("2 cases are as they were.")
    expect(page.locator("#rows > .row")).to_have_count(2)


def test_what_has_to_be_said_besides_is_asked_for_first(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "x", "s")
    expect(page.locator("#together [name=until]")).to_be_focused()
    press(page, "Escape")
    expect(page.locator(f"#case-{maria.id} .open")).to_be_focused()
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    press(page, "l")
    language = page.locator("#together [name=language]")
    expect(language).to_be_focused()
    language.select_option("fr")
    press(page, "Enter")
    heading(page, "The language of one case will be set.")
    press(page, "y")
    expect(page.locator("#changed")).to_contain_text("The language of one case is set.")
    expect(page.locator(f"#case-{maria.id}")).to_contain_text("French")
    press(page, "u")
    expect(page.locator("#changed")).to_have_text("One case is as it was.")
    expect(page.locator(f"#case-{maria.id}")).to_contain_text("Spanish")


def test_control_enter_presses_the_bars_button(open_page: Open) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "x")
    page.locator("#together [name=act]").select_option("leave")
    press(page, "Control+Enter")
    heading(page, "Nothing will be changed.")


def test_with_nothing_chosen_a_key_is_for_the_row_that_the_agent_is_in(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "j", "a")
    expect(page.locator("#changed")).to_contain_text("One case is yours.")
    row = page.locator(f"#case-{kenji.id}")
    expect(row).to_contain_text("Ana Horvat")
    expect(row.locator(".open")).to_be_focused()
    press(page, "a")
    expect(page.locator("#changed")).to_contain_text("One case is nobody's now.")
    presses(page, "k", "e")
    expect(page.locator("#changed")).to_contain_text("One case is resolved.")
    expect(page.locator(f"#case-{maria.id}")).to_have_count(0)
    expect(row.locator(".open")).to_be_focused()


def test_one_row_is_not_resolved_at_once_where_there_is_something_to_beware_of(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, maria.id or 0).first_response_at = None
    page = open_page("/queue", username="ana")
    presses(page, "j", "e")
    heading(page, "One case will be resolved.")
    expect(page.get_by_text("One case was never answered.")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(f"#case-{maria.id} .open")).to_be_focused()


@pytest.mark.parametrize("whose", ["Ana's", "nobody's"])
def test_what_a_key_would_do_to_a_resolved_case_is_told_and_not_that_nothing_is_to_be_done(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, whose: str
) -> None:
    """In a list where others are open: hers she leaves, and what is nobody's she takes."""
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        case.assign(cast.ana if whose == "Ana's" else None, by=cast.ana)
        case.resolve(by=cast.ana)
        notes.call(session, case, {cast.ana.id or 0})
    page = open_page("/queue?status=mentions", username="ana")
    presses(page, "j", "a")
    heading(page, "One case will be nobody's." if whose == "Ana's" else "One case will be yours.")
    expect(page.get_by_text("One case is resolved already.")).to_be_visible()
    press(page, "y")
    done = "One case is nobody's now." if whose == "Ana's" else "One case is yours."
    expect(page.locator("#changed")).to_contain_text(done)


def test_in_the_list_of_resolved_ones_it_is_done_at_once(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        case.assign(cast.ana, by=cast.ana)
        case.resolve(by=cast.ana)
    page = open_page("/queue?status=resolved", username="ana")
    presses(page, "j", "a")
    expect(page.locator("#changed")).to_contain_text("One case is nobody's now.")


def assert_done_and_not_chosen(page: Page, case: Case) -> None:
    expect(page.locator(f"#case-{case.id}")).to_contain_text("Ana Horvat")
    expect(page.locator(f"#case-{case.id} .pick input")).not_to_be_checked()
    expect(page.locator("#together")).to_be_hidden()


def test_back_from_what_was_done_to_some_of_them_nothing_is_chosen_any_more(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "x", "j", "x", "a")
    heading(page, "2 cases will be yours.")
    with desk.database.transaction() as session:
        cases.hold(session, kenji.id or 0).assign(cast.ben, by=cast.ben)
    press(page, "y")
    heading(page, "One case is yours.")
    page.go_back()
    heading(page, "One case will be yours.")
    page.go_back()
    assert_done_and_not_chosen(page, maria)


def test_nor_from_what_was_done_to_all_of_them(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "x", "j", "x", "a")
    heading(page, "2 cases will be yours.")
    press(page, "y")
    expect(page.locator("#changed")).to_contain_text("2 cases are yours.")
    page.go_back()
    heading(page, "Nothing will be changed.")
    page.go_back()
    assert_done_and_not_chosen(page, maria)


@pytest.mark.parametrize(
    "kept", ["{", "7", '{"address": "/queue", "values": 7}', '{"address": "/queue", "values": ["\\"]"]}']
)
def test_what_no_page_of_ours_has_kept_stops_nothing(open_page: Open, maria: Case, kept: str) -> None:
    page = open_page("/queue", username="ana")
    page.add_init_script(f"sessionStorage.setItem('chosen', {json.dumps(kept)})")
    page.reload()
    presses(page, "j", "x")
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    expect(page.locator(f"#case-{maria.id} .pick input")).to_be_checked()


def test_a_choice_that_a_key_has_made_is_given_up_with_escape(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", "o")
    expect(page.locator("#together [name=topic]")).to_be_focused()
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")
    press(page, "Escape")
    expect(page.locator(f"#case-{maria.id} .open")).to_be_focused()
    expect(page.locator("#together")).to_be_hidden()


@pytest.mark.parametrize(("key", "focused"), [("r", "#text"), ("n", "#note"), ("d", "#text")])
def test_what_is_written_in_a_case_opens_it_with_that_key(
    open_page: Open, maria: Case, key: str, focused: str
) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "j", key)
    page.wait_for_url(f"**/cases/{maria.id}?from=waiting")
    expect(page.locator(focused)).to_be_focused()
    page.reload()
    expect(page.locator(focused)).not_to_be_focused()


def test_the_palette_and_the_help_tell_of_it(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    presses(page, "Control+k")
    page.keyboard.type("resol")
    option = page.get_by_role("option").filter(has=page.locator("kbd", has_text="e"))
    expect(option).to_have_count(0)
    closes(page, "#palette")
    presses(page, "j", "x", "Control+k")
    page.keyboard.type("resol")
    expect(option).to_contain_text("1 chosen")
    closes(page, "#palette")
    press(page, "?")
    lines = page.locator("#help .keys > div:visible")
    expect(lines.filter(has_text="all up to it").locator("kbd").first).to_have_text("x")
    expect(lines.filter(has_text="resolve the case")).to_have_count(1)
    shuts_nobody_out(page)
    closes(page, "#help")
    press(page, "Control+k")
    page.keyboard.type("resol")
    expect(option).to_contain_text("1 chosen")
    press(page, "Enter")
    heading(page, "One case will be resolved.")


def test_nothing_is_done_by_keys_for_who_only_reads(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).role = "read_only"
    page = open_page("/queue", username="ana")
    presses(page, "j", "x", "e", "a", "s", "Control+Enter")
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("/queue$"))
    expect(page.locator("#rows > .row")).to_have_count(2)
    press(page, "?")
    expect(page.locator("#help .keys > div:visible").filter(has_text="resolve the case")).to_have_count(0)
    closes(page, "#help")
    press(page, "n")
    page.wait_for_url(f"**/cases/{maria.id}?from=waiting")


@pytest.mark.parametrize("width", [320, 1280])
def test_what_was_done_is_told_to_everybody_and_on_any_screen(open_page: Open, width: int) -> None:
    page = open_page("/queue", username="ana", viewport={"width": width, "height": 800})
    presses(page, "j", "x", "j", "x", "a")
    heading(page, "2 cases will be yours.")
    press(page, "y")
    expect(page.locator("#changed")).to_contain_text("2 cases are yours.")
    shuts_nobody_out(page)
    scrolls_not_sideways(page)
