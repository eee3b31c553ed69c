"""What every page has to stand up to, whoever looks at it and on whatever screen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def shuts_nobody_out(page: Page) -> None:
    """axe finds nothing."""
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


def scrolls_not_sideways(page: Page) -> None:
    wide = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= wide, page.url
