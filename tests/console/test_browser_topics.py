"""Topics and hidden numbers in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from socialdesk.cases import Case
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
PHONE = "612 34 56 78"


@pytest.fixture
def lola(town: Town, maria: Case, kenji: Case) -> Case:
    town.meet("140", "lola_m", "Lola Martín")
    return town.writes("140", f"@NorthwindHelp Mi móvil es {PHONE}, ¿dónde está mi paquete?", minutes_ago=5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_key_corrects_the_topic(open_page: Open, lola: Case, scheme: str, tmp_path: Path) -> None:
    page = open_page(f"/cases/{lola.id}", username="ana", color_scheme=scheme)
    expect(page.locator("#case-head .about")).to_have_text("Orders and delivery")
    press(page, "o")
    expect(page.get_by_role("dialog", name="The case is about")).to_be_visible()
    shuts_nobody_out(page)
    page.keyboard.type("pa")
    expect(page.locator(".menu button:focus")).to_have_text("Payment")
    press(page, "Enter")
    expect(page.locator("#flash")).to_contain_text("Topic set to Payment.")
    expect(page.locator("#case-head .about")).to_have_text("Payment")
    expect(page.locator(".happening").last).to_contain_text(
        "Ana Horvat corrected the topic from Orders and delivery to Payment"
    )
    shuts_nobody_out(page)


@pytest.mark.parametrize(("scheme", "scripts"), [("light", True), ("dark", True), ("light", False)])
def test_what_is_hidden_is_shown_and_stays_while_the_page_is_open(
    open_page: Open, lola: Case, scheme: str, scripts: bool
) -> None:
    page = open_page(f"/cases/{lola.id}", username="ana", color_scheme=scheme, java_script_enabled=scripts)
    thread = page.locator("#thread")
    expect(thread).to_contain_text("•••• 78")
    expect(thread).not_to_contain_text(PHONE)
    if scripts:
        shuts_nobody_out(page)
    page.get_by_role("button", name="Show what is hidden").click()
    expect(thread).to_contain_text(PHONE)
    if scripts:
        with page.expect_response(lambda answer: answer.url.endswith(f"/cases/{lola.id}")):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        shuts_nobody_out(page)
    expect(thread).to_contain_text(PHONE)
    page.get_by_role("link", name="Hide").click()
    expect(thread).not_to_contain_text(PHONE)
    expect(thread).to_contain_text("Ana Horvat looked at what is hidden: Phone number")


def test_the_queue_holds_topics_and_badges_at_any_width(open_page: Open, lola: Case) -> None:
    page = open_page("/queue")
    for address in ("/queue", f"/cases/{lola.id}"):
        page.goto(address)
        for _ in every_width(page, 320, 760, 1000, 1280):
            expect(page.locator(".badge")).to_have_text("Personal data")
            scrolls_not_sideways(page)
            for _ in every_light(page):
                shuts_nobody_out(page)
