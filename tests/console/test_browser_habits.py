"""Working habits in a real browser: by keys, without scripts, on small screens, in the dark."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
WIDTHS = (320, 1280)


@pytest.fixture
def layla(town: Town) -> Case:
    town.meet("301", "layla_q", "ليلى القحطاني")
    return town.writes("301", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟", minutes_ago=40)


def noted(desk: Desk, case: Case, cast: Cast) -> None:
    with desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        notes.write(session, held, "@ana the carrier says Thursday. " + "x" * 120, by=cast.ben)
        notes.write(session, held, "شكرا، سأكتب لها غدا", by=cast.sofia)


def chooses_two(page: Page) -> None:
    for key in ("j", "x", "j", "Shift+x"):
        press(page, key)


def test_a_stretch_of_rows_is_chosen_with_keys_resolved_and_taken_back(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana")
    chooses_two(page)
    expect(page.locator("[data-picked]")).to_have_text("2 chosen:")
    page.locator("#together [name=act]").select_option("resolve")
    page.locator("#together button").click()
    expect(page.get_by_role("heading", name="2 cases will be resolved.")).to_be_visible()
    press(page, "y")
    expect(page.locator("#changed")).to_contain_text("2 cases are resolved.")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()  # keys are listened to
    press(page, "u")
    expect(page.get_by_text("2 cases are as they were.")).to_be_visible()


def test_what_is_chosen_stays_chosen_when_the_rows_change(
    open_page: Open, town: Town, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana")
    press(page, "j")
    press(page, "x")
    town.writes("102", "まだ待っています", minutes_ago=1, private=True)
    expect(page.locator(f"#case-{kenji.id}")).to_contain_text("まだ待っています")
    expect(page.locator(f"#case-{maria.id} .pick input")).to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("1 chosen:")


def test_a_note_is_written_with_keys(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    press(page, "n")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("The carrier says Thursday.")
    press(page, "Control+Enter")
    expect(page.locator(".words.internal")).to_contain_text("The carrier says Thursday.")


def test_enter_in_the_field_snoozes_until_what_is_typed_there(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    meant = (clock.now() + timedelta(days=3)).replace(hour=6, minute=30, second=0, microsecond=0)
    page = open_page(f"/cases/{maria.id}", username="ana", timezone_id="Asia/Tokyo")
    press(page, "s")
    field = page.locator("#snooze input[name=at]")
    field.fill(f"{meant:%Y-%m-%d}T15:30")
    field.press("Enter")
    expect(page.locator("#flash")).to_contain_text("The case is snoozed")
    with desk.database.reading() as session:
        until = cases.find(session, maria.id or 0).snoozed_until
    assert until == meant


def test_a_case_is_snoozed_with_keys_in_the_browsers_zone(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", timezone_id="Asia/Tokyo")
    press(page, "s")
    expect(page.locator("#snooze input[name=zone]").first).to_have_value("Asia/Tokyo")
    page.get_by_role("button", name="Tomorrow, 9:00").click()
    expect(page.locator("#flash")).to_contain_text("The case is snoozed")
    page.goto("/queue?status=snoozed")
    expect(page.locator(f"#case-{maria.id} .since")).to_contain_text("09:00")


def test_all_of_it_goes_without_scripts(open_page: Open, maria: Case, kenji: Case) -> None:
    page = open_page("/queue", username="ana", java_script_enabled=False)
    page.locator(f"#case-{maria.id} .pick input").check()
    page.locator("#together [name=act]").select_option("assign")
    page.locator("#together button").click()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("status").filter(has_text="One case is yours.")).to_be_visible()
    page.goto(f"/cases/{maria.id}")
    page.get_by_text("Note", exact=True).click()
    page.locator("#note").fill("By hand")
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator(".words.internal")).to_contain_text("By hand")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_anybody_can_use_these_pages_on_any_screen(
    open_page: Open, desk: Desk, cast: Cast, layla: Case, maria: Case, kenji: Case, scheme: str, width: int
) -> None:
    noted(desk, layla, cast)
    page = open_page(
        "/queue", username="sofia", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    chooses_two(page)
    look(page, f"queue-{scheme}-{width}")
    together = f"/queue/together?act=resolve&case={layla.id}&case={maria.id}&case={kenji.id}"
    for path, name in (
        (f"/cases/{layla.id}", "case"),
        (f"/customers/{layla.customer_id}", "customer"),
        (together, "together"),
        ("/queue?status=snoozed", "snoozed"),
    ):
        page.goto(path)
        look(page, f"{name}-{scheme}-{width}")


def look(page: Page, name: str) -> None:
    if folder := os.environ.get("SOCIALDESK_LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    shuts_nobody_out(page)
    scrolls_not_sideways(page)
