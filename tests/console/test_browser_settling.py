"""Saying what became of a reply in doubt, in a browser: by keys, and so that nobody is left out."""

from __future__ import annotations

from playwright.sync_api import expect

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from tests.conftest import HANDLE, Cast
from tests.console.conftest import IN_A_BROWSER, Open, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.console.test_console_settling import an_id, in_doubt

pytestmark = IN_A_BROWSER


def test_the_forms_are_within_their_message_and_axe_finds_nothing(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    in_doubt(desk, maria, cast.ana)
    for language in ("en", "ar"):
        with desk.database.transaction() as session:
            session.get_one(Agent, cast.ana.id).language = language
        page = open_page(f"/cases/{maria.id}", username="ana")
        for summary in page.locator(".settling summary").all():
            summary.press("Enter")
        for _ in every_light(page):
            shuts_nobody_out(page)
        for _ in every_width(page, 1440, 900, 320):
            scrolls_not_sideways(page)
            for form in page.locator(".settling form").all():
                box, around = form.bounding_box(), page.locator(".words.unknown").bounding_box()
                assert box
                assert around
                assert around["x"] <= box["x"]
                assert box["x"] + box["width"] <= around["x"] + around["width"]
        page.context.close()


def test_by_keys_alone_it_is_said_where_it_is(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, complaints: list[str]
) -> None:
    reply_id = in_doubt(desk, maria, cast.ana)
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.get_by_text("It was posted", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    field = page.get_by_label("The address of the post on X")
    expect(field).to_be_focused()
    x_id = an_id(desk, reply_id)
    page.keyboard.type(x_id)
    page.keyboard.press("Enter")
    expect(page.locator(".problem").first).to_contain_text("does not say whose post it is")
    expect(field).to_be_focused()  # what was typed stands in it still
    expect(field).to_have_value(x_id)
    complaints.clear()  # the browser's, that the page came with status 422
    field.fill(f"https://x.com/{HANDLE}/status/{x_id}")
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("Noted: the reply is on X.")
    expect(page.locator(".settling")).to_have_count(0)


def test_it_is_not_sent_again_without_the_tick(open_page: Open, desk: Desk, cast: Cast, maria: Case) -> None:
    in_doubt(desk, maria, cast.ana)
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator(".settling summary", has_text="Send it again").click()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_label("I have looked on X: it is not there")).to_be_focused()
    expect(page.locator(".words.unknown")).to_be_visible()
