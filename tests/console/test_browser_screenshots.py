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
from playwright.sync_api import Browser, Page

from socialdesk.console.app import create_app
from socialdesk.settings import CHECKOUT
from tests.console.conftest import served, sign_in
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
    "queue-dark": "/queue",
    "queue-arabic": "/queue",
    "case-narrow": "/cases/1",
}
LOOKS: dict[str, dict[str, object]] = {
    "queue-dark": {"color_scheme": "dark"},
    "queue-arabic": {"locale": "ar"},
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


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_picture(chromium: Browser, address: str, tmp_path: Path, name: str) -> None:
    look = {"viewport": {"width": 1200, "height": 860}, "reduced_motion": "reduce"} | LOOKS.get(name, {})
    with chromium.new_context(base_url=address, **look) as context:  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, "olga")
        answer = page.goto(PAGES[name])
        assert answer
        assert answer.status == 200
        assert page.evaluate("scrollY") == 0 or "/cases/" in PAGES[name]
        keep(page, tmp_path / f"{name}.png")


def keep(page: Page, file: Path) -> None:
    here = page.get_by_text("sqlite:///")  # where the tests' database lies is nobody's business
    page.screenshot(path=file, mask=[here], mask_color="#c8ced6")
    assert SMALLEST < file.stat().st_size < LARGEST
    if KEPT:
        KEPT.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, KEPT)
