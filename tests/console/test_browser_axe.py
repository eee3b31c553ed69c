"""Every page there is, by day and by night, from left to right and from right to left: open to everybody, no
wider than its window, standing still and small. They are found in the app's own routes, new ones too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, BrowserContext, Page

from socialdesk.console.app import RESOURCES, create_app
from socialdesk.console.server import ConsoleServer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.people import codes
from socialdesk.people.agents import Agent
from tests.conftest import PASSWORD
from tests.console.conftest import SAME_SITE, begin_codes, every_light, every_width, served, sign_in
from tests.console.exhibits import fill, fresh, hire_all
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = pytest.mark.browser

LARGEST_FIRST_PAINT = 100_000  # bytes over the wire
MOST_SHIFTED = 0.1  # of the window: what people call still
SLOW_LINE: dict[str, bool | int] = {
    "offline": False,
    "latency": 20,
    "downloadThroughput": 8_000,
    "uploadThroughput": 100_000,
}
WAYS = {"ltr": "en", "rtl": "ar"}
# 320 CSS pixels are also what 400 % of a 1280 pixel wide window leaves, 640 what 200 % does.
WIDTHS = (320, 640, 1280)
GLANCE = "/cases/{case_id}/glance"  # a part of the queue, which leads to the case's page by itself
VIEWS = {"/views/counts", "/views/{view_id}"}
NO_PAGES = {"/", "/live", "/palette", "/health.json", "/healthz", "/languages.csv", GLANCE} | VIEWS
BEFORE_SIGN_IN = {"/sign-in", "/sign-in/code", "/invitation"}
NAMED = {
    "case_id": "1",
    "customer_id": "1",
    "agent_id": "1",
    "template": "where_is_my_order",
    "language": "es",
    "visibility": "public",
    "rule_id": "account_in_public",
}
WITH = {
    "/approvals/preview": "?choice=4.1&choice=5.1",
    "/languages": "?days=all",
    "/languages/cases": "?figure=messages&days=all",
    "/queue/together": "?act=resolve&case=1&case=2&case=5",
    "/search": "?q=402-998",
}
# The same pages with something else to show.
BESIDES = {
    "/queue?status=snoozed": "olga",
    "/queue?language=sv": "olga",
    "/queue?status=waiting&done=public-4": "olga",
    "/cases/1?from=waiting": "ana",
    "/cases/2?template=where_is_my_order&as=public": "olga",
    "/cases/4": "ana",
    "/cases/5": "olga",
    "/cases/6": "olga",
    "/search?q=zzyzx": "olga",
    "/replies/where_is_my_order/ar": "olga",
    "/cases/999": "olga",
    "/people/2": "ana",  # not for agents
    "/nowhere": "olga",
    "/s/of-nobody": "",
}
_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def pages() -> dict[str, str]:
    """Each address with the user name of whoever looks; nobody's is empty."""
    routes = [each for resource in RESOURCES for each in resource.router.routes]
    paths = {each.path for each in routes if isinstance(each, APIRoute) and "GET" in (each.methods or ())}
    of_routes = {
        re.sub(r"{(\w+)}", lambda found: NAMED.get(found[1], "1"), path) + WITH.get(path, ""): path
        for path in sorted(paths - NO_PAGES - {"/setup", "/s/{token}"})
    }
    return {
        address: "" if path in BEFORE_SIGN_IN else "olga" for address, path in of_routes.items()
    } | BESIDES


@dataclass
class Exhibition:
    """The served desk, and a browser of each reader in each writing direction, made when first wanted."""

    desk: Desk
    console: ConsoleServer
    chromium: Browser
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page_of = cache(self._page_of)

    def _page_of(self, username: str, way: str) -> Page:
        page = self._context(WAYS[way]).new_page()
        page.add_init_script(_SHIFTS)
        page.on("console", lambda told: self.complaints.append(told.text) if told.type in _BAD else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if username:
            sign_in(page, username)
        return page

    def _context(self, locale: str) -> BrowserContext:
        return self.chromium.new_context(base_url=self.console.url, locale=locale, reduced_motion="reduce")


_BAD = ("error", "warning")


@pytest.fixture(scope="module")
def exhibition(
    chromium: Browser, migrated_sqlite: Path, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exhibition]:
    with ExitStack() as stack:
        desk = stack.enter_context(fresh(migrated_sqlite, tmp_path_factory.mktemp("exhibition")))
        people = hire_all(desk, password_hash)
        fill(desk, people)
        with desk.database.transaction() as session:
            ben = session.get_one(Agent, people.ben.id)
            codes.confirm(session, ben, codes.at_step(codes.begin(session, ben), codes.now_step()))
        console = stack.enter_context(served(create_app(desk)))
        yield Exhibition(desk, console, chromium)
        for context in chromium.contexts:
            context.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("address", "username"), pages().items())
def test_every_page_is_open_to_everybody(
    exhibition: Exhibition, address: str, username: str, way: str
) -> None:
    page = exhibition.page_of(username, way)
    if address == "/sign-in/code":
        ask_for_code(page)
    if address == "/account/codes":
        begin_codes(page)
    looks_well(page, address, way)
    assert address in BESIDES or page.request.get(address).status == 200, "there is nothing to look at"
    assert address.partition("?")[0] in page.url, "the page leads elsewhere"
    found, exhibition.complaints[:] = list(exhibition.complaints), []
    assert [each for each in found if "status of 40" not in each] == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "address", ["/queue", "/cases/1?from=waiting", "/cases/4", "/approvals", "/languages"]
)
def test_nothing_moves_while_a_page_comes_over_a_slow_line(
    exhibition: Exhibition, address: str, way: str
) -> None:
    page = exhibition.page_of("olga", way)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)  # what all pages share is kept from now on
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_LINE)
    page.goto(address, wait_until="load")
    shifted = page.evaluate("window.shifted")
    wire.send("Network.emulateNetworkConditions", SLOW_LINE | {"downloadThroughput": -1, "latency": 0})
    wire.detach()
    assert shifted < MOST_SHIFTED


def test_the_first_page_of_all_and_that_of_a_failure_are_too(
    chromium: Browser, migrated_sqlite: Path, tmp_path: Path
) -> None:
    with fresh(migrated_sqlite, tmp_path) as desk:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
        for shown, address in ((desk, "/setup"), (replace(desk, database=nowhere), "/queue")):
            with served(create_app(shown)) as console:
                of_both = Exhibition(shown, console, chromium)
                for way in WAYS:
                    page = of_both.page_of("", way)
                    page.context.add_cookies([{"name": "desk", "value": "token", "url": console.url}])
                    looks_well(page, address, way)
                    page.context.close()
        nowhere.close()


def ask_for_code(page: Page) -> None:
    form: dict[str, str | float | bool] = {"username": "ben", "password": PASSWORD}
    page.request.post("/sign-in", form=form, headers=SAME_SITE, max_redirects=0)


def looks_well(page: Page, address: str, way: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    assert bytes_of(page, address) <= LARGEST_FIRST_PAINT
    assert page.locator("html").get_attribute("dir") == way
    for _ in every_light(page):
        shuts_nobody_out(page)
    assert page.evaluate("window.shifted") < MOST_SHIFTED
    for _ in every_width(page, *WIDTHS):
        scrolls_not_sideways(page)


def bytes_of(page: Page, address: str) -> float:
    """What came over the wire until the page was there, with nothing kept from earlier pages."""
    wire = page.context.new_cdp_session(page)
    arrived: list[float] = []
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda told: arrived.append(told["encodedDataLength"]))
    page.goto(address, wait_until="load")
    wire.detach()
    return sum(arrived)
