"""Whole journeys beside X: two agents at once, a lost connection, keys alone, no scripts, a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from socialdesk import clock, messages
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent, Role
from tests.conftest import HANDLE, Cast, migrated
from tests.console.at_work import Shop, opened, waited_for
from tests.console.conftest import Open, press

pytestmark = pytest.mark.browser

SLOW = 60_000  # milliseconds; what a customer writes takes half a second to come in, on an idle machine
_numbers = count(1)
# Whether the focused element shows that it is, lies inside the window and under no bar that stays in place.
_SEEN = """() => {
  const here = document.activeElement;
  const name = here.outerHTML.slice(0, 120);
  if (here === document.body || !here.matches(":focus-visible")) return `not focused: ${name}`;
  const { top, bottom, left, right } = here.getBoundingClientRect();
  if (bottom <= 0 || top >= innerHeight) return `out of sight: ${name}`;
  const [x, y] = [(left + right) / 2, Math.min(Math.max((top + bottom) / 2, 1), innerHeight - 2)];
  const cover = document.elementFromPoint(x, y)?.closest(".top, .flash, .tellings, .bars");
  return cover && !cover.contains(here) ? `under a bar: ${name}` : "";
}"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One on each engine for all of these journeys."""
    folder = tmp_path_factory.mktemp("shop")
    if request.param == "sqlite":
        file = folder / "desk.db"
        file.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        url = f"sqlite:///{file}"
    else:
        url = migrated(request.getfixturevalue("postgres").create(f"journeys_{next(_numbers)}"))
    with opened(url, folder) as shop:
        yield shop


@pytest.fixture(scope="module")
def desk(shop: Shop) -> Desk:
    return shop.desk


@pytest.fixture(scope="module")
def cast(desk: Desk, password_hash: str) -> Cast:
    people = (("ana", "Ana Horvat", Role.AGENT), ("ben", "Ben Okoro", Role.AGENT))
    hired = [_agent(*each, password_hash) for each in (*people, ("sofia", "Sofia Lindgren", Role.SUPERVISOR))]
    with desk.database.transaction() as session:
        session.add_all(hired)
    return Cast(*hired)


def _agent(username: str, name: str, role: Role, password_hash: str) -> Agent:
    return Agent(username=username, name=name, role=role, password_hash=password_hash, hired_at=clock.now())


@pytest.fixture
def klara(shop: Shop) -> tuple[str, str]:
    """A new customer's handle and X's id of what she wrote in Swedish."""
    handle = f"klara_{next(_numbers)}"
    shop.world.add_user(handle, "Klara Öberg")
    words = f"@{HANDLE} hej, mitt paket skulle ha kommit i måndags men det är inte här. Var är det?"
    return handle, shop.world.post(handle, words, lang="sv").id


def at_case_of(page: Page, handle: str) -> Page:
    page.get_by_role("link", name=f"@{handle}").click(timeout=SLOW)
    page.wait_for_url(re.compile(r"/cases/\d+"))
    return page


def taken_in(desk: Desk, x_id: str) -> bool:
    with desk.database.reading() as session:
        return bool(messages.stored(session, 1, [x_id]))


def test_of_two_agents_at_one_case_only_one_answers(
    shop: Shop, open_page: Open, klara: tuple[str, str], complaints: list[str]
) -> None:
    handle, post = klara
    ana = at_case_of(open_page("/queue", username="ana"), handle)
    ben = open_page(ana.url, username="ben")
    expect(ana.locator("#present")).to_have_text("Ben Okoro is looking")
    ana.locator("#text").press_sequentially("Vi tittar på det nu.")
    expect(ben.locator("#present")).to_have_text("Ana Horvat is writing")
    ben.get_by_role("button", name="Take over").click()
    expect(ana.locator("#notice")).to_contain_text("Ben Okoro has taken this case over.")
    ben.locator("#text").fill("Hej Klara! Paketet kommer i dag.")
    ben.get_by_role("button", name="Approve & send publicly").click()
    expect(ben.locator("#flash")).to_contain_text("Approved")
    waited_for(ana, lambda: shop.answers_in(post))

    expect(ana.locator("#news")).to_be_visible()
    ana.get_by_role("button", name="Approve & send publicly").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    expect(ana.locator("#news")).to_contain_text("Paketet kommer i dag.")
    expect(ana.locator("#text")).to_have_value("Vi tittar på det nu.")
    complaints[:] = [each for each in complaints if "409" not in each]
    ana.get_by_role("button", name="Discard these words").click()
    expect(ana.locator("#text")).to_have_value("")
    (answer,) = shop.answers_in(post)
    assert "Paketet kommer i dag." in answer.text


def test_offline_the_page_says_so_and_once_back_nothing_is_lost(
    shop: Shop, open_page: Open, klara: tuple[str, str], complaints: list[str]
) -> None:
    handle, post = klara
    page = at_case_of(open_page("/queue", username="ana"), handle)
    expect(page.locator("#thread .theirs")).to_have_count(1)
    expect(page.locator("#connection")).to_have_attribute("data-newest", re.compile(r"\d+"))  # connected
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("Connection lost since", timeout=5_000)
    page.locator("#text").press_sequentially("Vi tittar")
    later = shop.world.post(handle, f"@{HANDLE} hallå?", in_reply_to=post, lang="sv").id
    waited_for(page, lambda: taken_in(shop.desk, later))
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_contain_text("Caught up", timeout=SLOW)
    expect(page.locator("#text")).to_have_value("Vi tittar")
    expect(page.locator("#kept-note")).to_be_visible()
    complaints[:] = [each for each in complaints if "ERR_" not in each]
    page.reload()
    expect(page.locator("#text")).to_have_value("Vi tittar")
    page.get_by_role("button", name="Discard these words").click()
    expect(page.locator("#text")).to_have_value("")


def test_keys_alone_lead_from_the_queue_to_a_reply_on_x(
    shop: Shop, open_page: Open, klara: tuple[str, str]
) -> None:
    handle, post = klara
    page = open_page("/queue", username="ana", viewport={"width": 1200, "height": 700})
    expect(page.get_by_role("link", name=f"@{handle}")).to_be_visible(timeout=SLOW)
    is_seen_after(page, "Tab")
    while page.locator(":focus").inner_text().split("\n")[0].strip() != f"@{handle}":
        is_seen_after(page, "j")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/cases/\d+"))
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()  # keys are listened to
    is_seen_after(page, "d")
    is_seen_after(page, "Shift+Tab")
    for _ in range(10):
        if page.locator(":focus").get_attribute("name") == "as":
            break
        is_seen_after(page, "Shift+Tab")
    is_seen_after(page, "ArrowLeft")
    expect(page.get_by_role("radio", name="Public reply")).to_be_checked()
    press(page, "Escape")
    assert "/cases/" in page.url
    is_seen_after(page, "r")
    page.keyboard.type("Vi tittar på det direkt, Klara!")
    expect(page.locator("#preview")).to_contain_text("^AH")
    for _ in range(10):
        if page.locator(":focus").get_attribute("id") == "approve":
            break
        is_seen_after(page, "Tab")
    press(page, "Enter")
    expect(page.locator("#flash")).to_contain_text("Approved")
    (answer,) = waited_for(page, lambda: shop.answers_in(post))
    assert "Vi tittar på det direkt" in answer.text


def is_seen_after(page: Page, key: str) -> None:
    press(page, key)
    assert page.evaluate(_SEEN) == "", key


def test_without_scripts_a_reply_gets_from_the_queue_to_x(
    shop: Shop, open_page: Open, klara: tuple[str, str]
) -> None:
    handle, post = klara
    page = open_page("/queue", username="ana", java_script_enabled=False)
    while not page.get_by_role("link", name=f"@{handle}").count():
        page.reload()
    case = re.sub(r"\?.*", "", at_case_of(page, handle).url)
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Where is my order?").filter(visible=True).click()
    expect(page.locator("#text")).not_to_be_empty()
    page.get_by_role("button", name="Approve & send publicly").click()
    expect(page.locator(".flash")).to_contain_text("Approved")
    waited_for(page, lambda: shop.answers_in(post))
    page.go_back()
    page.goto(case)
    expect(page.locator("#thread .ours")).to_contain_text("Sent")


def test_a_note_is_the_third_door_and_never_leaves_the_desk(
    shop: Shop, open_page: Open, klara: tuple[str, str]
) -> None:
    handle, post = klara
    page = at_case_of(open_page("/queue", username="ana"), handle)
    page.locator("#text").fill("Half a reply")
    page.locator("#text").press("Escape")
    press(page, "n")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#approve")).to_be_hidden()
    expect(page.locator("#text")).to_be_hidden()
    page.keyboard.type("The carrier says Thursday.")
    press(page, "Control+Enter")
    expect(page.locator(".words.internal")).to_contain_text("The carrier says Thursday.")
    expect(page.locator("#text")).to_have_value("Half a reply")
    press(page, "n")
    press(page, "Escape")
    press(page, "r")
    expect(page.locator("#text")).to_be_focused()
    page.get_by_role("button", name="Discard these words").click()
    expect(page.locator("#text")).to_have_value("")
    assert shop.answers_in(post) == []
