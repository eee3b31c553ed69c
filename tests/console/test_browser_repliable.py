"""A public answer that X may refuse, in a real browser: tried by keyboard, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk.desk import Desk
from socialdesk.messages import Unrepliable, Visibility
from socialdesk.replies import Reply, State
from tests.console.conftest import IN_A_BROWSER, Open, every_light, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.console.test_console_repliable import SORRY, write_without_mention

pytestmark = IN_A_BROWSER


def shuts_out_nobody(page: Page) -> None:
    for _ in every_light(page):
        shuts_nobody_out(page)
    scrolls_not_sideways(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_what_x_may_refuse_is_tried_by_keyboard(
    open_page: Open, desk: Desk, complaints: list[str], scripts: bool
) -> None:
    case_id = write_without_mention(desk, Unrepliable.CARRIED_OVER)
    page = open_page(f"/cases/{case_id}", username="ana", java_script_enabled=scripts)
    expect(page.get_by_label("Public reply")).to_be_checked()
    expect(page.locator(".doors")).to_contain_text("X may refuse a public answer")

    page.locator("#text").focus()
    page.keyboard.type(SORRY)
    if scripts:
        expect(page.locator("#against")).to_contain_text("approve once more to try it")
        shuts_out_nobody(page)
        page.get_by_role("button", name="Confirm and approve").focus()
    else:
        page.locator("#approve").focus()
        press(page, "Enter")
        expect(page.get_by_role("alert").first).to_contain_text("Nothing has gone out yet")
        expect(page.locator("#against")).to_contain_text("approve once more to try it")
        expect(page.get_by_label("Public reply")).to_be_checked()
        expect(page.locator("#text")).to_have_value(SORRY)
        page.get_by_role("button", name="Confirm and approve").focus()
    press(page, "Enter")
    page.wait_for_url(re.compile("done=public"))
    with desk.database.reading() as session:
        reply = session.exec(select(Reply)).one()
    assert (reply.state, reply.visibility) == (State.APPROVED, Visibility.PUBLIC)
    complaints[:] = [each for each in complaints if "422" not in each]


@pytest.mark.parametrize("width", [320, 1280])
def test_a_shut_door_says_why(open_page: Open, desk: Desk, width: int) -> None:
    case_id = write_without_mention(desk, Unrepliable.NOT_MENTIONED)
    page = open_page(f"/cases/{case_id}", username="ana", viewport={"width": width, "height": 720})
    expect(page.get_by_label("Public reply")).to_have_count(0)
    expect(page.get_by_label("Direct message")).to_be_checked()
    expect(page.locator("#shut")).to_contain_text(
        "the customer did not mention us in it. Write a direct message"
    )
    shuts_out_nobody(page)
