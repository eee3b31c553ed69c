"""What every page has to stand up to, whoever looks at it and on whatever screen."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

_RUN = """async () => {
  const found = await axe.run({ resultTypes: ["violations"] });
  return { violations: found.violations };
}"""


def shuts_nobody_out(page: Page) -> None:
    """axe finds nothing. It is half a megabyte: a page is given it once, and it tells what is wrong alone."""
    if page.evaluate("typeof axe") != "object":
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate(_RUN))
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


def scrolls_not_sideways(page: Page) -> None:
    wide = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= wide, page.url
