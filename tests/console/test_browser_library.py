"""The reply library in a real browser: read on any screen, edited with keys alone and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.settings import Settings
from tests import small_library
from tests.console.conftest import IN_A_BROWSER, Open, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER

PAGES = (
    "/replies",
    "/replies?only=problems",
    "/replies/order_late/ar",
    "/replies/order_late/ar/private/editing",
    "/replies/thanks/ja/private/editing",
    "/replies/thanks/de/private/history",
)


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Desk]:
    """With one text missing, one that is too long and one that is older than its source."""
    replies = small_library.written(tmp_path)
    (replies / "ja/thanks.private.txt.j2").unlink()
    small_library.write(replies, "ar/order_late.public", "ا" * 276)
    small_library.write(replies, "en/order_late.private", "Hello{{ customer_name }}: {{ delivery_date }}")
    desk = assemble(make_settings(paths={"replies": replies}))
    yield desk
    desk.database.close()


def edit(page: Page, text: str) -> None:
    page.goto("/replies/thanks/de/private/editing")
    page.get_by_label("The text").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()


def looks_well(page: Page, path: str) -> None:
    page.goto(path)
    for _ in every_width(page, 320, 760, 1200):
        for _ in every_light(page):
            shuts_nobody_out(page)
            scrolls_not_sideways(page)


def test_no_page_of_the_library_shuts_anybody_out(open_page: Open) -> None:
    page = open_page("/queue")
    edit(page, "Guten Tag{% if customer_name %} {{ customer_name }}{% endif %},\n\ndas freut uns sehr.")
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    for path in PAGES:
        looks_well(page, path)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_text_is_checked_and_saved(open_page: Open, complaints: list[str], scripts: bool) -> None:
    page = open_page("/replies", java_script_enabled=scripts)
    page.get_by_role("link", name="German, private: whole").click()
    page.get_by_role("link", name="Edit the private text").click()
    page.get_by_label("The text").fill("Guten Tag {{ name }}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#checked")).to_contain_text("name is none of the names that this template may hold")
    complaints.clear()  # the browser's, that the page came with status 422
    page.get_by_label("The text").fill("Guten Tag {{ customer_name }}, danke.")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#checked")).to_contain_text("Nothing speaks against it.")
    expect(page.locator("#previews")).to_contain_text("Guten Tag Maria, danke.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    page.get_by_role("link", name="History").click()
    expect(page.locator(".steps del").first).to_be_visible()


def test_a_text_is_previewed_while_it_is_typed(open_page: Open) -> None:
    page = open_page("/replies/write_to_us/ar/public/editing")
    page.get_by_label("The text").fill("نص جديد")
    expect(page.locator("#previews .words").first).to_have_text("نص جديد")
    assert page.locator("#previews .text").first.evaluate("text => getComputedStyle(text).direction") == "rtl"
    expect(page.locator("#checked")).to_contain_text("does not use dm_link")
    page.get_by_label("The text").fill("a" * 281)
    expect(page.locator("#checked")).to_contain_text("287 of 280")
