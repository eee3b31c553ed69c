"""Who else is at a case stands over the page: it hides nothing, and nothing moves when somebody comes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.worklists import presence
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
PATIENCE = 20_000
WIDTHS = (320, 420, 520, 700, 1000, 1280, 1600)
# What the line of colleagues hides, of what can be clicked or must be read.
_HIDDEN = """
() => {
  const box = (each) => each.getBoundingClientRect();
  const over = box(document.querySelector("#presence > .there"));
  const beside = (each) => each.left < over.right - 1 && each.right > over.left + 1;
  const meets = (each) => beside(each) && each.top < over.bottom - 1 && each.bottom > over.top + 1;
  const clicked = "a, button, summary, input, select, textarea, label";
  const met = [...document.querySelectorAll(`${clicked}, h1 bdi, .flash, .problem, .facts dd`)];
  return met.filter((each) => !each.closest("#presence") && each.checkVisibility() && meets(box(each)))
    .map((each) => each.outerHTML.slice(0, 80));
}
"""
_PLACES = """
() => [...document.querySelectorAll("#case-head, #case-head *, #thread, #note-writer, #aside")]
  .map((each) => { const box = each.getBoundingClientRect(); return [box.left, box.top, box.width]; })
"""


def comes(desk: Desk, case: Case, *people: Agent, writing: bool = True) -> None:
    with desk.database.transaction() as session:
        for each in people:
            presence.note(session, case.id or 0, each, writing=writing)


def goes(desk: Desk, case: Case, *people: Agent) -> None:
    with desk.database.transaction() as session:
        for each in people:
            presence.leave(session, case.id or 0, each)


def hidden(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_HIDDEN)
    return found


@pytest.mark.parametrize(
    ("query", "language"), [("", "en"), ("?from=waiting", "de"), ("?done=taken-1", "ar")]
)
def test_whoever_comes_hides_nothing_and_moves_nothing(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, query: str, language: str
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).language = language
    page = open_page(f"/cases/{maria.id}{query}", username="sofia")
    expect(page.locator("#case-head")).to_be_visible()
    for width in every_width(page, *WIDTHS):
        goes(desk, maria, cast.ana, cast.ben)
        expect(page.locator("#present .present")).to_have_count(0, timeout=PATIENCE)
        page.evaluate("scrollTo(0, 0)")
        before = page.evaluate(_PLACES)
        comes(desk, maria, cast.ana, cast.ben)
        expect(page.locator("#present .present")).to_have_count(2, timeout=PATIENCE)
        assert page.evaluate(_PLACES) == before, width
        assert hidden(page) == [], width
        scrolls_not_sideways(page)
    for _ in every_light(page):
        shuts_nobody_out(page)
