"""A page that nobody touches stands where it is read, and what it asks by itself keeps nobody signed in."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.worklists import views
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open

pytestmark = IN_A_BROWSER
LARGE = {"width": 1280, "height": 1100}


def test_a_case_with_room_for_writing_opens_at_its_top(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", viewport=LARGE)
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#text")).to_be_in_viewport(ratio=1)
    small = open_page(f"/cases/{maria.id}", viewport={"width": 320, "height": 480})
    expect(small.locator("#thread .theirs").last).to_be_in_viewport()  # nobody approves what he has not read


def test_words_are_kept_for_who_types_them_and_again_by_the_clock(
    open_page: Open, maria: Case, complaints: list[str]
) -> None:
    page = open_page(f"/cases/{maria.id}", viewport=LARGE)
    asked: list[str | None] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/replies"):
            asked.append(request.headers.get("x-fragment"))

    page.on("request", note)
    page.route("**/replies", lambda route: route.abort(), times=1)
    page.locator("#text").press_sequentially("x")
    expect(page.locator("#kept-note")).to_be_visible()
    assert asked == [None, "kept"]
    complaints[:] = [each for each in complaints if "ERR_FAILED" not in each]


def test_saved_views_get_their_numbers_after_the_page_is_there(
    open_page: Open, database: Database, cast: Cast, maria: Case
) -> None:
    with database.transaction() as session:
        views.save(session, "Spanish", "waiting.es", by=cast.sofia, shared=True)
    page = open_page("/queue", viewport=LARGE)
    number = page.locator("[data-view] .number")
    expect(number).to_have_text("1")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(number).to_have_text("1")
