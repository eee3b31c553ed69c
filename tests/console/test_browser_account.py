"""Signing in, one's own account, people, the audit log and the first run in a real browser, on any screen."""

from __future__ import annotations

from playwright.sync_api import Page

from socialdesk.desk import Desk
from socialdesk.people import codes
from socialdesk.people.agents import Agent
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import IN_A_BROWSER, Open, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER


def looks_well(page: Page) -> None:
    for _ in every_width(page, 320, 1200):
        for _ in every_light(page):
            shuts_nobody_out(page)
            scrolls_not_sideways(page)


def test_no_page_about_oneself_shuts_anybody_out(
    open_page: Open, desk: Desk, cast: Cast, complaints: list[str]
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    page = open_page("/account")
    looks_well(page)
    page.locator("#codes-password").fill("wrong password")
    page.get_by_role("button", name="Turn codes on").click()
    looks_well(page)
    complaints.clear()  # the browser's, that the page came with status 422
    page.locator("#codes-password").fill(PASSWORD)
    page.get_by_role("button", name="Turn codes on").click()
    page.wait_for_url("**/account/codes")
    looks_well(page)
    for path in ("/people", "/tokens", "/webhooks", "/admin", "/audit", "/audit?before=1"):
        page.goto(path)
        looks_well(page)


def test_signing_in_with_a_code_shuts_nobody_out(open_page: Open, desk: Desk) -> None:
    page = open_page("/account")
    page.locator("#codes-password").fill(PASSWORD)
    page.get_by_role("button", name="Turn codes on").click()
    secret = page.locator("li > .secret").inner_text().replace(" ", "")
    page.get_by_label("Type the code").fill(codes.at_step(secret, codes.now_step()))
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    looks_well(page)
    page.get_by_role("link", name="I have kept them").click()
    looks_well(page)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_label("User name").fill("sofia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").wait_for()
    looks_well(page)
    page.get_by_label("Code").fill(codes.at_step(secret, codes.now_step() + 1))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/queue")
