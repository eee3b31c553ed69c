"""A colleague saves a draft while the case is open here: it is seen at once, and takes no words away."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply
from socialdesk.replying import drafts
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open
from tests.console.looking import shuts_nobody_out

pytestmark = IN_A_BROWSER
TOLD = "Ana Horvat has saved a draft."


def saves(desk: Desk, case: Case, by: Agent, text: str) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, case.id or 0), text=text, by=by)


def drafted(desk: Desk) -> list[tuple[str, int]]:
    with desk.database.reading() as session:
        return [(each.text, each.revision) for each in session.exec(select(Reply))]


def opened(open_page: Open, case: Case) -> Page:
    page = open_page(f"/cases/{case.id}", username="sofia")
    expect(page.locator("#connection")).to_have_attribute("data-newest", "1")
    return page


def test_an_empty_composer_shows_it_and_saves_over_it(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = opened(open_page, maria)
    saves(desk, maria, cast.ana, "Lo miramos.")
    expect(page.locator("#text")).to_have_value("Lo miramos.")
    expect(page.locator("#draft-note")).to_contain_text("Draft by Ana Horvat")
    expect(page.locator("#preview")).to_contain_text("Lo miramos.")
    expect(page.get_by_role("button", name="Discard draft")).to_be_visible()
    page.locator("#text").fill("Lo miramos ahora.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#flash")).to_contain_text("Draft saved.")
    assert drafted(desk) == [("Lo miramos ahora.", 2)]


def test_it_is_told_beside_words_and_shown_when_asked_for(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = opened(open_page, maria)
    page.locator("#text").fill("Ya lo hemos enviado.")
    saves(desk, maria, cast.ana, "Lo miramos.")
    expect(page.locator("#drafted")).to_contain_text(TOLD)
    shuts_nobody_out(page)
    expect(page.locator("#text")).to_have_value("Ya lo hemos enviado.")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#draft-note")).to_contain_text("Lo miramos.")
    expect(page.locator("#draft-note")).to_contain_text("takes its place")
    expect(page.locator("#drafted")).to_be_hidden()
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#flash")).to_contain_text("Draft saved.")
    assert drafted(desk) == [("Ya lo hemos enviado.", 2)]


def test_a_draft_that_somebody_reads_does_not_change_under_his_eyes(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    saves(desk, maria, cast.ana, "Lo miramos.")
    page = open_page(f"/cases/{maria.id}", username="sofia")
    expect(page.locator("#text")).to_have_value("Lo miramos.")
    saves(desk, maria, cast.ana, "No lo miramos.")
    expect(page.locator("#drafted")).to_contain_text(TOLD)
    expect(page.locator("#text")).to_have_value("Lo miramos.")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#text")).to_have_value("No lo miramos.")
    page.get_by_role("button", name="Approve & send publicly").click()
    expect(page.locator("#flash")).to_contain_text("Approved")
    assert drafted(desk) == [("No lo miramos.", 2)]
