"""The palette has everything that a page offers, and everywhere that the agent may go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import func, select

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.worklists import views
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, press
from tests.stories import arrive, post

pytestmark = IN_A_BROWSER


@pytest.fixture
def other(town: Town, desk: Desk, maria: Case) -> int:
    """@maria's other case, with which hers can be merged; hers has something to split off."""
    town.writes("101", "¿Hola?", minutes_ago=5)
    arrive(desk, post("101", "¿Me pueden enviar la factura?", minutes=-15))
    with desk.database.reading() as session:
        return session.exec(select(func.max(Case.id))).one() or 0


def opened(page: Page, query: str) -> None:
    """The palette with that typed: what the server knows of comes a moment later."""
    press(page, "Control+k")
    page.keyboard.type(query)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("block", "Block @maria"),
        ("mute", "Mute this conversation"),
        ("transcript", "Send the transcript…"),
        ("nothing more", "Wants to hear nothing more from us"),
        ("approve", "Approve & send publicly"),
        ("tag", "Add a tag"),
        ("polish", "Polish"),
        ("tomorrow", "Tomorrow, 9:00"),
        ("payment", "Payment"),
        ("split", re.compile("^Split from here")),
        ("merge", re.compile("^Merge with case")),
        ("save dr", "Save draft"),
    ],
)
def test_every_action_of_a_case_is_found(
    open_page: Open, maria: Case, other: int, query: str, name: str | re.Pattern[str]
) -> None:
    assert other != maria.id
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana")
    opened(page, query)
    expect(page.get_by_role("option").locator("bdi").filter(has_text=name).first).to_be_visible()


@pytest.mark.parametrize(
    ("query", "name", "address"),
    [
        ("unassigned", "Unassigned", "/queue?status=unassigned"),
        ("waiting for us", "Waiting for us", "/queue?status=waiting"),
        ("lost par", "Lost parcels", "/queue?status=waiting&language=pl"),
        ("figures", "Your figures", "/figures/me"),
        ("charges", "What X charges this month", "/money"),
        ("people", "People", "/people"),
        ("one-time", "One-time codes", "/account#codes-title"),
        ("swedish", "Swedish", "/queue?status=waiting&language=sv"),
    ],
)
@pytest.mark.parametrize("path", ["/queue", "/replies"])
def test_it_leads_everywhere_from_anywhere(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, path: str, query: str, name: str, address: str
) -> None:
    with desk.database.transaction() as session:
        views.save(session, "Lost parcels", "waiting.pl", by=cast.sofia)
    page = open_page(path, username="sofia")
    opened(page, query)
    expect(page.get_by_role("option", selected=True).locator("bdi").first).to_have_text(name)
    press(page, "Enter")
    page.wait_for_url(f"**{address}")
    assert maria


def test_letters_out_of_the_middle_of_words_find_nothing(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    for query in ("opt", "tac", "ign"):
        opened(page, query)
        expect(page.get_by_role("option")).to_have_count(0)
        press(page, "Escape")
    opened(page, "keeper")
    expect(page.locator("#palette-none")).to_be_visible()
    assert maria


def test_what_is_called_so_comes_before_what_is_only_told_of_so(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    opened(page, "note")
    expect(page.get_by_role("option").first.locator("bdi").first).to_have_text("Note")
    press(page, "Escape")
    opened(page, "language")  # in what the help says of "Correct"
    expect(page.get_by_role("option").first.locator("bdi").first).to_have_text("The language of the desk")
    expect(page.get_by_role("option").filter(has_text="correct the language")).to_be_visible()
    assert maria


@pytest.mark.parametrize("username", ["ana", "sofia"])
def test_enter_on_an_empty_query_changes_nothing(
    open_page: Open, desk: Desk, maria: Case, username: str
) -> None:
    page = open_page("/cases/1", username=username)
    for _ in range(2):
        press(page, "Control+k")
        press(page, "Enter")
        expect(page.locator("#text")).to_be_focused()
    expect(page).to_have_url(re.compile("/cases/1$"))
    page.goto("/queue")
    for key in ("j", "x", "Control+k", "Enter"):
        press(page, key)
    page.wait_for_url("**/queue")
    with desk.database.reading() as session:
        case = session.exec(select(Case)).one()
        assert (case.status, case.assignee_id, case.language) == ("waiting", None, "es")
    assert maria


def test_what_has_to_be_filled_in_first_is_opened(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    opened(page, "snooze until then")
    press(page, "Enter")
    expect(page.locator("#snooze [name=at]")).to_be_focused()
    page.goto("/queue")
    opened(page, "save this view")
    press(page, "Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    assert maria


def test_an_action_out_of_a_closed_menu_is_done(open_page: Open, desk: Desk, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    opened(page, "customer writes polish")
    press(page, "Enter")
    expect(page.locator("#case-head")).to_contain_text("set by an agent")
    with desk.database.reading() as session:
        assert cases.find(session, maria.id or 0).language == "pl"


def test_the_page_turns_dark_where_it_stands_and_stays_so(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana", color_scheme="light")
    page.locator("#text").fill("half a sen")
    opened(page, "dark")
    with page.expect_response(re.compile("/account")):
        press(page, "Enter")
    expect(page.locator("html")).to_have_attribute("data-look", "dark")
    expect(page.locator("#text")).to_have_value("half a sen")
    page.locator("#text").fill("")
    page.goto("/queue")
    expect(page.locator("html")).to_have_attribute("data-look", "dark")
    assert maria


def test_the_help_opens_out_of_the_palette(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    opened(page, "keyboard")
    expect(page.get_by_role("option", selected=True).locator("kbd")).to_have_text("?")
    press(page, "Enter")
    expect(page.locator("#help")).to_be_visible()
    assert maria


def test_parts_of_words_are_found_where_nothing_begins_so(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana", locale="de-DE")
    opened(page, "karten")  # in "Geschenkkarten"
    expect(page.get_by_role("option").first).to_be_visible()
    press(page, "Escape")
    page = open_page("/queue", username="ana", locale="ja-JP")
    opened(page, "語")
    expect(page.get_by_role("option").first).to_be_visible()
    assert maria


@pytest.mark.parametrize("width", [640, 1280])
def test_a_line_of_the_palette_is_one_line(open_page: Open, maria: Case, width: int) -> None:
    page = open_page("/cases/1", username="ana", viewport={"width": width, "height": 800})
    press(page, "Control+k")
    tall = "all => all.filter(one => one.getBoundingClientRect().height > 45).map(one => one.innerText)"
    assert page.locator("#palette-found li").evaluate_all(tall) == []
    assert maria
