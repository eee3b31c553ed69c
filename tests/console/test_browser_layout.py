"""Where things stand on the pages: what stays in sight, what is large enough, and what there is room for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlmodel import col

from socialdesk import cases, clock, targets
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.incidents.waves import Wave
from socialdesk.people.agents import Agent
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.settings.promises import Targets
from socialdesk.worklists import presence
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
WIDE = {"width": 1440, "height": 900}
SMALLEST = 24  # CSS pixels
# Those of the selected elements in which a point in their middle shows, and not something over them.
_IN_SIGHT = """(all) => all.filter((each) => {
  const { left, top, width, height } = each.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return width && height && there && (each.contains(there) || there.contains(each));
}).map((each) => each.textContent.trim().replace(/\\s+/g, " "))"""
_SIZES = """(all) => all.map((each) => each.getBoundingClientRect())
  .map(({ width, height }) => [width, height])"""
_BOX = """(each) => {
  const { left, top, right, bottom } = each.getBoundingClientRect();
  return [left, top, right, bottom];
}"""


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """Everything wants a first answer within twenty-five minutes."""
    with desk.database.transaction() as session:
        targets.use(session, Targets.model_validate({"rules": [{"first_response_minutes": 25}]}))
    return desk


@pytest.fixture
def long_case(timed: Desk, town: Town, cast: Cast) -> Case:
    """@kenji's direct messages fill more than a window; Ana is on it."""
    for minutes in range(20, 5, -1):
        case = town.writes(
            "102", f"アカウントにログインできません。{minutes}", minutes_ago=minutes, private=True
        )
    with timed.database.transaction() as session:
        cases.hold(session, case.id or 0).assign(cast.ana, by=cast.ana)
    return case


def in_sight(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all(_IN_SIGHT)
    return found


def sizes(page: Page, selector: str) -> list[tuple[float, float]]:
    found: list[list[float]] = page.locator(selector).evaluate_all(_SIZES)
    assert found, selector
    return [(width, height) for width, height in found]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("query", ["", "?from=waiting", "?done=taken-1"])
def test_who_it_is_and_how_it_stands_is_in_sight_when_a_long_case_opens(
    open_page: Open, timed: Desk, cast: Cast, long_case: Case, query: str, language: str
) -> None:
    with timed.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).language = language
    page = open_page(f"/cases/{long_case.id}{query}", username="ana", viewport=WIDE)
    expect(page.locator("#approve")).to_be_in_viewport()  # the page has gone down to it
    for width in every_width(page, 1920, 1440, 1100, 900, 640, 320, height=900):
        page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
        (line,) = in_sight(page, "main .line")
        assert "健二" in line, width
        due = page.locator(".strip .due")
        assert due.evaluate("(each) => each.offsetTop < each.closest('.line').clientHeight - 10"), width
        if width >= 900:
            assert "Ana Horvat" in line, width
        scrolls_not_sideways(page)
    for _ in every_light(page):
        shuts_nobody_out(page)


def test_at_its_top_a_case_shows_its_head_and_nothing_before_it(open_page: Open, long_case: Case) -> None:
    page = open_page(f"/cases/{long_case.id}#case-head", username="ana", viewport=WIDE)
    expect(page.locator("#case-head")).to_be_visible()
    for width in every_width(page, 1440, 900, 320):
        page.evaluate("scrollTo(0, 0)")
        assert in_sight(page, "main .line") == [], width
        assert in_sight(page, ".case-head .back, .case-head h1") != [], width


def test_what_is_reached_by_keys_lies_under_nothing_that_stays(open_page: Open, long_case: Case) -> None:
    page = open_page(f"/cases/{long_case.id}", username="ana", viewport={"width": 1100, "height": 600})
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    seen = 0
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if not page.evaluate("document.querySelector('main').contains(document.activeElement)"):
            continue
        seen += 1
        box = page.locator(":focus").evaluate(_BOX)
        over = page.locator(".strip .line").evaluate(_BOX)
        hidden = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('.strip, .top') != null",
            [(box[0] + box[2]) / 2, max((box[1] + box[3]) / 2, 1)],
        )
        assert not hidden, (page.locator(":focus").evaluate("each => each.outerHTML"), box, over)
    assert seen > 10


def test_beside_a_case_each_row_has_its_handle_its_door_and_its_time(
    open_page: Open, timed: Desk, town: Town, cast: Cast
) -> None:
    town.meet("103", "mrs_t_abernathy", "Theresa Abernathy")
    case = town.writes(
        "103", "Hello. I am locked out of my account, please help me", minutes_ago=40, private=True
    )
    for language in ("en", "de", "ar", "ja"):
        with timed.database.transaction() as session:
            session.get_one(Agent, cast.ana.id).language = language
        page = open_page(f"/cases/{case.id}?from=waiting", username="ana", viewport=WIDE)
        expect(page.locator("#beside li")).to_have_count(1)
        for width in every_width(page, 1100, 1440):
            for selector in (".door .icon", ".due .icon"):
                assert all(min(size) >= 10 for size in sizes(page, f"#beside {selector}")), (language, width)
            handle = page.locator("#beside .open bdi")
            assert handle.evaluate("(each) => each.clientWidth") > 110, (language, width)
            boxes = [page.locator(f"#beside {each}").evaluate(_BOX) for each in (".chip", ".due")]
            assert not _meet(*boxes), (language, width)
            assert sizes(page, "#beside .due")[0][1] < 24, (language, width)  # one line
        page.context.close()


def _meet(one: list[float], other: list[float]) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_queue_has_two_panes_where_there_is_room_for_them(
    open_page: Open, timed: Desk, cast: Cast, maria: Case, kenji: Case, language: str
) -> None:
    with timed.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).language = language
    page = open_page("/queue")
    for width in every_width(page, 640, 760, 800, 900, 1000, 1280):
        lists, rows = (page.locator(each).evaluate(_BOX) for each in ("#lists", "#rows"))
        beside = lists[2] <= rows[0] or rows[2] <= lists[0]
        assert beside == (width >= 760), width
        scrolls_not_sideways(page)
        for row in page.locator("#rows .row").all():
            handle, excerpt = (row.locator(each).evaluate(_BOX) for each in (".open bdi", ".excerpt"))
            assert not _meet(handle, excerpt), width
            assert excerpt[2] - excerpt[0] > 80, width


def test_time_left_stands_on_the_line_of_the_age(
    open_page: Open, timed: Desk, maria: Case, kenji: Case
) -> None:
    """Written in letters of one size they have one height there, the icon notwithstanding."""
    page = open_page("/queue", viewport=WIDE)
    for since in page.locator("#rows .since").all():
        due, age = (since.locator(each).evaluate(_WORDS) for each in (".due", ":scope > time"))
        assert abs(due - age) < 0.5


_WORDS = """(each) => {
  const words = document.createRange();
  words.selectNodeContents([...each.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE));
  return words.getBoundingClientRect().bottom;
}"""


def test_in_a_narrow_window_time_left_takes_no_room_from_the_handle(
    open_page: Open, timed: Desk, town: Town
) -> None:
    town.meet("103", "mrs_t_abernathy", "Theresa Abernathy")
    town.writes("103", "Hello. I am locked out of my account", minutes_ago=40, private=True)
    page = open_page("/queue", viewport={"width": 320, "height": 640})
    handle = page.locator("#rows .open bdi")
    assert handle.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    scrolls_not_sideways(page)


def test_what_is_due_within_minutes_looks_more_urgent(open_page: Open, timed: Desk, town: Town) -> None:
    near = town.writes("101", "Mi paquete no ha llegado todavía", minutes_ago=22)
    far = town.writes("102", "アカウントにログインできません", minutes_ago=1, private=True)
    with timed.database.transaction() as session:
        for case, minutes in ((near, 2), (far, 19)):
            due_at = clock.now() + timedelta(minutes=minutes)
            session.execute(update(Case).where(col(Case.id) == case.id).values(due_at=due_at))
    page = open_page("/queue", viewport=WIDE)
    told = {
        each: page.locator(f"#case-{each} .due").evaluate(
            "(due) => [getComputedStyle(due).color, Number(getComputedStyle(due).fontWeight)]"
        )
        for each in (near.id, far.id)
    }
    assert told[near.id][0] != told[far.id][0]
    assert told[near.id][1] > told[far.id][1]
    for _ in every_light(page):
        shuts_nobody_out(page)


def test_a_topic_beside_personal_data_is_whole_or_not_there(open_page: Open, desk: Desk, maria: Case) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        case.exposed, case.topic = True, "orders_and_delivery"
    page = open_page("/queue")
    expect(page.locator("#rows .badge")).to_be_visible()
    for width in every_width(page, 320, 800, 1000, 1100, 1280, 1440, 1920):
        about = page.locator("#rows .about")
        shown = about.is_visible()
        assert not shown or about.evaluate("(each) => each.scrollWidth <= each.clientWidth"), width
        assert shown or width < 1280, width
        scrolls_not_sideways(page)


_OTHERS = ".brand, .top nav a, #search, #health, .me :is(a, button)"
_PLACES = """(all) => all.map((each) => each.getBoundingClientRect())
  .map(({ left, top, width, height }) => [left, top, width, height])"""


def test_who_is_at_a_case_stands_in_the_header_and_nothing_moves(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", viewport=WIDE)
    before = page.locator(_OTHERS).evaluate_all(_PLACES)
    expect(page.locator("#connection")).to_have_attribute("data-newest", re.compile(r"\d+"))
    with desk.database.transaction() as session:
        presence.note(session, maria.id or 0, cast.ana, writing=False)
        presence.note(session, kenji.id or 0, cast.ana, writing=True)
        presence.note(session, kenji.id or 0, cast.ben, writing=False)
    here = page.locator("#here .initials")
    expect(here).to_have_count(2)  # each once, at however many cases
    expect(page.locator("#here")).to_contain_text("Ana Horvat is writing")
    expect(page.locator("#here")).to_contain_text("Ben Okoro is looking")
    assert page.locator(_OTHERS).evaluate_all(_PLACES) == before
    for width in every_width(page, 320, 640, 1100, 1366, 1920):
        scrolls_not_sideways(page)
        assert in_sight(page, "#here .initials") != [] or width < 640, width
    for _ in every_light(page):
        shuts_nobody_out(page)


_LINES = "(each) => new Set([...each.getClientRects()].map(({ top }) => Math.round(top))).size"


def test_the_header_says_how_far_behind_each_channel_is_without_breaking_within_one(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
        for channel in Channel:
            cursors.find(session, 1, channel).read()
    page = open_page("/queue")
    expect(page.locator("#main-nav").get_by_role("link", name="Admin")).to_be_visible()
    for width in every_width(page, 1100, 1366, 1440, 1920):
        for said in page.locator("#health .channel").all():
            assert said.evaluate(_LINES) == 1, width
        assert in_sight(page, "#health .channel") != [], width


def test_the_header_covers_what_it_says_it_covers_in_every_language(
    open_page: Open, desk: Desk, cast: Cast, long_case: Case
) -> None:
    for language in ("de", "pl", "ja"):
        with desk.database.transaction() as session:
            session.get_one(Agent, cast.sofia.id).language = language
            session.get_one(Agent, cast.sofia.id).role = "admin"
        page = open_page(f"/cases/{long_case.id}")
        for width in every_width(page, 1000, 1220, 1366):
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            header, line = (page.locator(each).evaluate(_BOX) for each in (".top", ".strip .line"))
            assert header[3] <= line[1] <= header[3] + 16, (language, width)
        page.context.close()


def test_several_troubles_take_one_line_until_they_are_asked_for(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    with desk.database.transaction() as session:
        cursors.find(session, 1, Channel.MENTIONS).failed("X is down.")
        session.get_one(Account, 1).pause(
            ["public"], until=clock.now() + timedelta(minutes=9), why="Too many."
        )
        at: dict[str, Any] = dict.fromkeys(("began_at", "found_at", "seen_at"), clock.now())
        tongues = "en es fr de it nl pl pt ja tr cs sv ar"
        session.add(Wave(account_id=1, topic="payment", languages=tongues, came=40, minutes=60, **at))
    page = open_page("/queue")
    troubles = page.locator("#troubles")
    for width in every_width(page, 320, 640, 1280):
        assert sizes(page, "#troubles")[0][1] < 60, width
        assert all(height >= SMALLEST for _, height in sizes(page, "#troubles summary")), width
        scrolls_not_sideways(page)
    expect(troubles).to_contain_text("No mentions")
    expect(troubles.get_by_role("link", name="Incidents")).to_be_hidden()
    troubles.locator("summary").click()
    expect(troubles.get_by_role("link", name="Incidents")).to_be_visible()
    for _ in every_light(page):
        shuts_nobody_out(page)
    for _ in every_width(page, 320, 1280):
        scrolls_not_sideways(page)


@pytest.mark.parametrize(
    ("path", "selector"),
    [
        ("/cases/1", ".case-head .back"),
        ("/cases/1?from=waiting", "#open-help"),
        ("/queue", ".brand, .top nav a, .me a, .me button, .foot a"),
        ("/languages?days=all", ".chosen a, .chosen label, .statistics td a, .statistics th a, summary"),
        ("/admin", ".order a"),
        ("/account", ".choice, main p > a"),
        ("/tokens", ".choice"),
        ("/coverage", "main p > a"),
        ("/queue/together?act=resolve&case=1", ".back"),
        ("/replies/where_is_my_order/es", ".back a, .acts a"),
        ("/automation", "main strong > a"),
    ],
)
def test_what_is_pressed_is_large_enough(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, path: str, selector: str
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    page = open_page(path, viewport=WIDE)
    for width in every_width(page, 1440, 320):
        small = [each for each in sizes(page, f":is({selector}):visible") if 0 < min(each) < SMALLEST]
        assert small == [], width


def test_on_paper_there_is_the_case_and_nothing_that_floats(open_page: Open, long_case: Case) -> None:
    page = open_page(f"/cases/{long_case.id}", username="ana", viewport=WIDE)
    page.emulate_media(media="print")
    expect(page.locator("#strip")).to_be_hidden()
    expect(page.locator("#case-head")).to_be_visible()
