"""Sending where nobody is signed in any more, or where no desk answers: the words stay where they are."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replies import Reply
from tests.console.conftest import IN_A_BROWSER, Open, press, sign_in

pytestmark = IN_A_BROWSER

WORDS = "Lo miramos ahora."
SIGNED_OUT = "You were signed out; nothing was sent. Sign in in another tab, then send again."
OUT_OF_REACH = "The desk cannot be reached. Your words are still here."


def send(page: Page) -> None:
    page.locator("#approve").click()


def test_a_reply_sent_after_signing_out_elsewhere_stays_in_the_box(
    open_page: Open, desk: Desk, maria: Case, complaints: list[str]
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill("Lo")
    expect(page.locator("#kept-note")).to_be_visible()
    page.context.clear_cookies()
    page.locator("#text").fill(WORDS)
    send(page)
    expect(page.locator("#composer .not-sent")).to_contain_text(SIGNED_OUT)
    expect(page.locator("#text")).to_have_value(WORDS)
    sign_in(page, "ana")
    send(page)
    expect(page.locator("#flash")).to_contain_text("Approved")
    with desk.database.reading() as session:
        assert session.exec(select(Reply)).one().text == WORDS
    complaints[:] = [each for each in complaints if "401" not in each]


def test_who_types_on_is_told_before_he_sends(open_page: Open, maria: Case, complaints: list[str]) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill("Lo")
    page.context.clear_cookies()
    page.locator("#text").fill(WORDS)
    expect(page.locator("#composer .not-sent")).to_contain_text(SIGNED_OUT)
    sign_in(page, "ana")
    expect(page.locator("#composer .not-sent")).to_be_hidden()
    expect(page.locator("#text")).to_have_value(WORDS)
    complaints[:] = [each for each in complaints if "401" not in each]


def test_a_desk_that_is_down_takes_no_words_with_it(
    open_page: Open, maria: Case, complaints: list[str]
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill(WORDS)
    expect(page.locator("#kept-note")).to_be_visible()
    page.context.set_offline(True)
    send(page)
    expect(page.locator("#composer .not-sent")).to_contain_text(OUT_OF_REACH)
    expect(page.locator("#text")).to_have_value(WORDS)
    page.context.set_offline(False)
    send(page)
    expect(page.locator("#flash")).to_contain_text("Approved")
    complaints.clear()


def test_a_note_stays_as_well(open_page: Open, maria: Case, complaints: list[str]) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    press(page, "n")
    page.locator("#note").fill("Ruft sie morgen an.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator("#note-writer .not-sent")).to_contain_text(SIGNED_OUT)
    sign_in(page, "ana")
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator(".words.internal")).to_contain_text("Ruft sie morgen an.")
    complaints[:] = [each for each in complaints if "401" not in each]
