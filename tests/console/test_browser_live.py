"""Two agents at once, a connection that is lost and comes back, and what is told to whom is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import delete

from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.console.server import ConsoleServer
from socialdesk.desk import Desk
from socialdesk.people.sign_ins import SignIn
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER

PATIENCE = 20_000  # milliseconds; the promise is one second, and the machine may be busy
LARGEST_FIRST_PAINT = 100_000  # bytes over the wire
MOST_SHIFTED = 0.02  # of the window; what people call still is 0.1

# What the browser would have shown, and a tab that can be put into the background.
_WATCHED = """
window.shownNotices = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, options) { window.shownNotices.push({ title, ...options }); }
  close() {}
};
let away = false;
Object.defineProperty(document, "hidden", { get: () => away });
window.goAway = (gone) => { away = gone; document.dispatchEvent(new Event("visibilitychange")); };
"""
_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def restart(desk: Desk, console: ConsoleServer) -> Callable[[], ConsoleServer]:
    """Another server at the address of the one that has been stopped."""
    port = int(console.url.rsplit(":", 1)[1])
    return lambda: ConsoleServer(create_app(desk), port=port)


def stop(console: ConsoleServer, page: Page) -> None:
    console.stop()
    expect(page.locator("#connection")).to_contain_text("Connection lost since", timeout=PATIENCE)


def without_failures(complaints: list[str]) -> None:
    """The browser writes down each request that found nobody."""
    complaints[:] = [each for each in complaints if "Failed to load" not in each and "ERR_" not in each]


def test_who_looks_and_who_writes_is_seen_on_the_case_and_in_the_queue(open_page: Open, maria: Case) -> None:
    queue = open_page("/queue", username="sofia")
    ana = open_page("/cases/1", username="ana")
    ben = open_page("/cases/1", username="ben")
    expect(ana.locator("#present")).to_have_text("Ben Okoro is looking", timeout=PATIENCE)
    expect(ben.locator("#present")).to_have_text("Ana Horvat is looking", timeout=PATIENCE)
    ben.locator("#text").press_sequentially("Lo")
    expect(ana.locator("#present")).to_have_text("Ben Okoro is writing", timeout=PATIENCE)
    expect(queue.locator(f"#case-{maria.id} .initials > bdi")).to_have_text(["AH", "BO"], timeout=PATIENCE)
    shuts_nobody_out(ana)
    shuts_nobody_out(queue)
    ben.on("dialog", lambda dialog: dialog.accept())
    ben.locator("#text").fill("")
    ben.goto("/account")
    expect(ana.locator("#present")).to_have_text("", timeout=PATIENCE)
    expect(queue.locator(f"#case-{maria.id} .initials > bdi")).to_have_text(["AH"], timeout=PATIENCE)


def test_whoever_is_there_is_told_that_a_colleague_took_the_case_over(open_page: Open, maria: Case) -> None:
    ana = open_page("/cases/1", username="ana")
    ben = open_page("/cases/1", username="ben", viewport={"width": 320, "height": 640})
    ana.locator("#text").press_sequentially("Lo")
    button = ben.get_by_role("button", name="Take over")
    expect(button).to_be_visible(timeout=PATIENCE)
    scrolls_not_sideways(ben)
    shuts_nobody_out(ben)
    button.click()
    expect(ana.locator("#notice")).to_contain_text("Ben Okoro has taken this case over.", timeout=PATIENCE)
    expect(ana.locator("#text")).to_have_value("Lo")
    expect(ana.locator("#case-head")).to_contain_text("Ben Okoro")
    expect(button).to_be_hidden(timeout=PATIENCE)
    ana.get_by_role("button", name="Close").click()
    expect(ana.locator("#notice")).to_be_hidden()
    ana.locator("#text").fill("")
    assert maria


def test_after_a_lost_connection_the_page_says_since_when_and_what_it_has_caught_up_with(
    open_page: Open,
    console: ConsoleServer,
    restart: Callable[[], ConsoleServer],
    town: Town,
    kenji: Case,
    maria: Case,
    complaints: list[str],
) -> None:
    page = open_page("/cases/1", username="ana")
    expect(page.locator("#thread .theirs")).to_have_count(1)
    page.wait_for_timeout(500)  # the stream has begun
    stop(console, page)
    expect(page.locator("#connection")).to_have_text(re.compile(r"since \d\d:\d\d, trying again"))
    for words in ("もしもし", "まだですか"):
        town.writes("102", words, minutes_ago=-1, private=True)
    town.writes("101", "¿Hola?", minutes_ago=-1)
    with restart():
        expect(page.locator("#connection")).to_have_text("Caught up: 2 changes", timeout=PATIENCE)
        expect(page.locator("#thread .theirs")).to_have_count(3)
        expect(page.locator("#connection")).to_be_hidden(timeout=PATIENCE)
        page.context.close()
    without_failures(complaints)
    assert kenji.id == 1
    assert maria


def test_a_tab_left_for_hours_catches_up_as_soon_as_it_is_looked_at(
    open_page: Open,
    console: ConsoleServer,
    restart: Callable[[], ConsoleServer],
    town: Town,
    maria: Case,
    complaints: list[str],
) -> None:
    page = open_page("about:blank", username="ana")
    page.add_init_script(_WATCHED)
    page.goto(f"{console.url}/queue")
    page.wait_for_timeout(500)
    page.evaluate("goAway(true)")
    stop(console, page)
    town.writes("102", "もしもし", private=True)
    with restart():
        page.evaluate("goAway(false)")
        expect(page.locator("#connection")).to_contain_text("Caught up", timeout=PATIENCE)
        expect(page.locator("#rows")).to_contain_text("@kenji")
        page.context.close()
    without_failures(complaints)
    assert maria


def test_a_session_that_has_ended_leads_to_sign_in_and_what_was_typed_stays(
    open_page: Open, desk: Desk, town: Town, maria: Case, complaints: list[str]
) -> None:
    idle = open_page("/queue", username="ben")
    typing = open_page("/cases/1", username="ana")
    typing.locator("#text").fill("half a sen")
    with desk.database.transaction() as session:
        session.exec(delete(SignIn))
    town.writes("101", "¿Hola?", minutes_ago=-1)
    idle.wait_for_url(re.compile(r"/sign-in\?next=%2Fqueue"), timeout=PATIENCE)
    told = typing.locator("#connection")
    expect(told).to_contain_text("You are signed out", timeout=PATIENCE)
    expect(told.get_by_role("link")).to_have_attribute("target", "_blank")
    expect(typing.locator("#text")).to_have_value("half a sen")
    typing.locator("#text").fill("")
    without_failures(complaints)
    assert maria


def test_what_comes_in_meanwhile_is_in_the_title_and_told_by_the_browser_without_words_of_customers(
    open_page: Open, console: ConsoleServer, town: Town, maria: Case
) -> None:
    page = open_page("about:blank", username="ana")
    page.add_init_script(_WATCHED)
    page.goto(f"{console.url}/account")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("The browser tells me when a case is waiting").check()
    page.get_by_role("button", name="Close").click()
    page.wait_for_timeout(500)
    town.writes("101", "¿Hola?", minutes_ago=-1)
    page.wait_for_timeout(1500)
    assert page.evaluate("shownNotices") == []  # whoever looks needs none
    page.evaluate("goAway(true)")
    town.writes("101", "¿Siguen ahí?", minutes_ago=-2)
    expect(page).to_have_title("(1) Your account · socialdesk", timeout=PATIENCE)
    town.writes("102", "もしもし", private=True)
    expect(page).to_have_title("(2) Your account · socialdesk", timeout=PATIENCE)
    told = page.evaluate("shownNotices")
    assert [each["body"] for each in told] == ["A case is waiting.", "2 cases are waiting."]
    assert len({each["tag"] for each in told}) == 1
    page.evaluate("goAway(false)")
    expect(page).to_have_title("Your account · socialdesk")
    assert maria


@pytest.mark.parametrize("path", ["/queue", "/cases/1"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_comes_in_few_bytes_and_stands_still(
    open_page: Open, console: ConsoleServer, town: Town, cast: Cast, maria: Case, path: str, width: int
) -> None:
    for number in range(60):
        town.meet(str(700 + number), f"customer_{number}", "Somebody")
        town.writes(str(700 + number), "Where is my parcel? It should have come yesterday", minutes_ago=9)
    open_page("/account", username="ben").goto("/cases/1")
    page = open_page("about:blank", viewport={"width": width, "height": 800})
    page.add_init_script(_SHIFTS)
    wire = page.context.new_cdp_session(page)
    arrived: list[float] = []
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda told: arrived.append(told["encodedDataLength"]))
    page.goto(f"{console.url}{path}", wait_until="load")
    page.wait_for_timeout(1500)
    assert 5_000 < sum(arrived) <= LARGEST_FIRST_PAINT
    assert page.evaluate("window.shifted") <= MOST_SHIFTED
    assert maria
