"""A picture of each page that people work on at the desk, small enough to be kept beside the code.

`make screenshots` keeps them in docs/; an ordinary run only looks whether each can be taken.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from socialdesk.console.app import create_app
from socialdesk.settings import CHECKOUT
from tests.console.conftest import begin_codes, served, sign_in
from tests.console.exhibits import fill, fresh, hire_all

pytestmark = pytest.mark.browser

KEPT = CHECKOUT / "docs" / "screenshots" if os.environ.get("SOCIALDESK_SCREENSHOTS") else None
SMALLEST, LARGEST = 8_000, 350_000
# The queue, the case, the approvals and the languages are taken on the journey, where they live.
PAGES = {
    "search": "/search?q=pedido",
    "customer": "/customers/1",
    "replies": "/replies",
    "template": "/replies/where_is_my_order/es",
    "editor": "/replies/where_is_my_order/es/public/editing",
    "people": "/people",
    "shifts": "/shifts",
    "coverage": "/coverage",
    "incidents": "/incidents",
    "incident": "/incidents/1",
    "money": "/money",
    "automation": "/automation",
    "admin": "/admin",
    "audit": "/audit",
    "tokens": "/tokens",
    "webhooks": "/webhooks",
    "privacy": "/customers/1/privacy",
    "account": "/account",
    "own-figures": "/figures/me",
    "one-time-codes": "/account/codes",
    "muted": "/muted",
    "tags": "/tags",
    "together": "/queue/together?act=resolve&case=1&case=2&case=5",
    "incident-opening": "/incidents/opening",
    "incident-closing": "/incidents/1/closing",
    "template-history": "/replies/where_is_my_order/es/public/history",
    "rule": "/automation/account_in_public",
    "counted-cases": "/languages/cases?figure=messages&days=all",
    "transcript": "/cases/1/transcript",
    "nothing-here": "/nowhere",
    "queue-wide": "/queue",
    "queue-dark": "/queue",
    "queue-japanese": "/queue",
    "queue-arabic": "/queue",
    "case-narrow": "/cases/1",
}
BEFORE_SIGN_IN = {"sign-in": "/sign-in", "invitation": "/invitation"}
LOOKS: dict[str, dict[str, object]] = {
    "queue-wide": {"viewport": {"width": 1440, "height": 860}},
    "queue-dark": {"color_scheme": "dark"},
    "queue-arabic": {"locale": "ar"},
    "queue-japanese": {"locale": "ja"},
    "case-narrow": {"viewport": {"width": 360, "height": 780}},
}


@pytest.fixture(scope="module")
def address(
    migrated_sqlite: Path, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a desk is that has something to show on every page."""
    with ExitStack() as stack:
        desk = stack.enter_context(fresh(migrated_sqlite, tmp_path_factory.mktemp("pictures")))
        fill(desk, hire_all(desk, password_hash))
        yield stack.enter_context(served(create_app(desk))).url


@pytest.fixture(scope="module")
def nobody_there(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a desk is to which nobody belongs yet."""
    with ExitStack() as stack:
        desk = stack.enter_context(fresh(migrated_sqlite, tmp_path_factory.mktemp("empty")))
        yield stack.enter_context(served(create_app(desk))).url


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_picture(chromium: Browser, address: str, tmp_path: Path, name: str) -> None:
    look = {"viewport": {"width": 1200, "height": 860}, "reduced_motion": "reduce"} | LOOKS.get(name, {})
    with chromium.new_context(base_url=address, **look) as context:  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, "olga")
        if name == "one-time-codes":
            begin_codes(page)
        answer = page.goto(PAGES[name])
        assert answer
        assert page.url.endswith(PAGES[name]) or "#" in page.url, "the page leads elsewhere"
        assert answer.status == (404 if name == "nothing-here" else 200)
        assert page.evaluate("scrollY") == 0 or "/cases/" in PAGES[name]
        if name == "queue-wide":
            beside_the_queue(page)
        keep(page, tmp_path / f"{name}.png")


@pytest.mark.parametrize("name", [*BEFORE_SIGN_IN, "set-up"])
def test_so_have_those_before_the_sign_in(
    chromium: Browser, address: str, nobody_there: str, tmp_path: Path, name: str
) -> None:
    size: ViewportSize = {"width": 1200, "height": 860}
    there = nobody_there if name == "set-up" else address
    with chromium.new_context(base_url=there, viewport=size, reduced_motion="reduce") as context:
        page = context.new_page()
        answer = page.goto(BEFORE_SIGN_IN.get(name, "/setup"))
        assert answer
        assert answer.status == 200
        assert page.get_by_role("button").count()
        keep(page, tmp_path / f"{name}.png")


def beside_the_queue(page: Page) -> None:
    """The second row's case in the reading pane."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".glance-thread p").first).to_be_visible()


def keep(page: Page, file: Path) -> None:
    here = page.get_by_text("sqlite:///")  # where the tests' database lies is nobody's business
    page.screenshot(path=file, mask=[here], mask_color="#c8ced6")
    assert SMALLEST < file.stat().st_size < LARGEST
    if KEPT:
        KEPT.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, KEPT)
