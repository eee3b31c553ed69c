"""Correcting a language in a real browser: one key, a choice, Enter."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from socialdesk.cases import Case
from socialdesk.casework import corrections
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER


@pytest.fixture
def anders(desk: Desk, town: Town) -> Case:
    """Who writes in Dutch, and the detector took it for German with Dutch as its second guess."""
    town.meet("120", "anders_vd", "Anders van Dijk")
    case = town.writes("120", "Waar blijft mijn pakket? Ik wacht al een week op de bestelling")
    doubt(desk, case, "de", 0.61, "nl")
    return case


def doubt(desk: Desk, case: Case, language: str, confidence: float, runner_up: str) -> None:
    with desk.database.transaction() as session:
        message = corrections.newest(session, case.id or 0)
        message.language, message.confidence, message.runner_up = language, confidence, runner_up
        found = session.get_one(Case, case.id)
        found.language, found.language_sure = language, confidence >= corrections.SURE_FROM


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_key_and_enter_take_the_second_guess(open_page: Open, anders: Case, scheme: str) -> None:
    page = open_page(f"/cases/{anders.id}", username="ana", color_scheme=scheme)
    expect(page.locator("#case-head .chip")).to_have_text("German?")
    press(page, "l")
    expect(page.get_by_role("dialog", name="The customer writes in")).to_be_visible()
    expect(page.get_by_role("button", name="Dutch second guess")).to_be_focused()
    shuts_nobody_out(page)
    press(page, "Enter")
    expect(page.locator("#flash")).to_contain_text("Language set to Dutch.")
    expect(page.locator("#case-head .chip")).to_have_text("Dutch")
    expect(page.locator(".happening").last).to_contain_text(
        "Ana Horvat corrected the language from German to Dutch"
    )
    expect(page.locator("[aria-label='Reply templates in Dutch']").first).to_be_attached()
    shuts_nobody_out(page)


def test_letters_and_arrows_find_a_language_and_do_nothing_else(
    open_page: Open, anders: Case, desk: Desk
) -> None:
    page = open_page(f"/cases/{anders.id}", username="ana")
    press(page, "l")
    for key, name in (("e", "English"), ("ArrowDown", "French"), ("s", "Spanish"), ("End", "Unknown")):
        press(page, key)
        expect(page.locator(".menu button:focus")).to_have_text(name)
    page.keyboard.type("por")
    expect(page.locator(".menu button:focus")).to_have_text("Portuguese")
    press(page, "Escape")
    expect(page.locator("#languages")).to_be_hidden()
    press(page, "r")
    expect(page.locator("#text")).to_be_focused()
    with desk.database.reading() as session:
        case = session.get_one(Case, anders.id)
        assert (case.status, case.language) == ("waiting", "de")


def test_a_half_written_reply_outlives_the_correction(open_page: Open, anders: Case) -> None:
    page = open_page(f"/cases/{anders.id}", username="ana")
    page.locator("#text").fill("Wij zoeken het uit.")
    press(page, "Escape")
    press(page, "l")
    press(page, "Enter")
    expect(page.locator("#case-head .chip")).to_have_text("Dutch")
    expect(page.locator("#text")).to_have_value("Wij zoeken het uit.")
    expect(page.locator("[aria-label='Reply templates in Dutch']").first).to_be_attached()


def test_it_is_corrected_without_scripts_too(open_page: Open, anders: Case) -> None:
    page = open_page(f"/cases/{anders.id}", username="ana", java_script_enabled=False)
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Swedish").click()
    expect(page.locator("#flash")).to_contain_text("Language set to Swedish.")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (600, 450), (1200, 900)])
def test_the_menu_fits_any_window(open_page: Open, anders: Case, width: int, height: int) -> None:
    page = open_page(f"/cases/{anders.id}", username="ana", viewport={"width": width, "height": height})
    press(page, "l")
    box = page.locator("#languages").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height
    press(page, "End")
    expect(page.get_by_role("button", name="Unknown")).to_be_in_viewport()


def test_the_matrix_scrolls_inside_its_box(
    open_page: Open, desk: Desk, cast: Cast, town: Town, anders: Case
) -> None:
    with desk.database.transaction() as session:
        found = session.get_one(Case, anders.id)
        said = corrections.newest(session, found.id or 0)
        corrections.correct_language(session, found, said, "nl", by=cast.ana)
    for number, code in enumerate(("ar", "cs", "en", "fr", "it", "ja", "pl", "pt", "sv", "tr")):
        case = town.writes(str(700 + number), "Mi paquete no ha llegado todavía, ¿dónde está mi pedido?")
        with desk.database.transaction() as session:
            said = corrections.newest(session, case.id or 0)
            corrections.correct_language(session, session.get_one(Case, case.id), said, code, by=cast.ana)
    page = open_page("/languages?days=all")
    for _ in every_width(page, 1200, 600, 320):
        scrolls_not_sideways(page)
        for _ in every_light(page):
            shuts_nobody_out(page)
    matrix = page.get_by_role("region", name="What agents corrected the")
    wide = matrix.evaluate("box => [box.scrollWidth, box.clientWidth]")
    assert wide[0] > wide[1]
