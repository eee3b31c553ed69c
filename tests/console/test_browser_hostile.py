"""Scripts in whatever people can write: a browser shows them as words, and runs none."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, expect

from socialdesk import cases
from socialdesk.casework import notes
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.replying import drafts
from socialdesk.worklists import views
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, press
from tests.console.test_console_search import index

pytestmark = IN_A_BROWSER
CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg onload=alert(3)>",
    "</textarea></title><iframe srcdoc='<script>alert(4)</script>'></iframe>",
    "javascript:alert(5)",
    "{{ 7 * 7 }}{% raw %}${alert(6)}",
    "&lt;script&gt;alert(7)&lt;/script&gt;",
    "<a href='jav&#x09;ascript:alert(8)'>parcel</a>",
    "<math><mtext><style><img src=x onerror=alert(9)></style></mtext></math>",
    "\u202e<b onmouseover=alert(10)>\u2066",
)
ALL = " ".join(CORPUS)


@pytest.fixture
def hostile(desk: Desk, cast: Cast, town: Town) -> None:
    """A customer, an agent, a note, a draft and a view that would all like to run something."""
    for number, piece in enumerate(CORPUS):
        x_id = str(900 + number)
        town.meet(x_id, f"x_{number}", piece[:50])
        town.writes(x_id, f"{piece} where is my parcel? {ALL}", minutes_ago=20 - number)
    town.writes("900", ALL, private=True)
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).name = CORPUS[1]
        case = cases.hold(session, 1)
        case.topic_words = CORPUS[0]
        notes.write(session, case, ALL, by=cast.ben)
        drafts.write(session, case, text=ALL, by=cast.ben)
        views.save(session, CORPUS[0], "waiting.en", by=cast.sofia, shared=True)
    index(desk)


def test_nothing_that_anybody_wrote_runs(
    open_page: Open, hostile: None, complaints: list[str], desk: Desk
) -> None:
    page = open_page("/queue")
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    addresses = ["/queue", "/cases/1", "/cases/2", "/customers/1", "/approvals", "/people", "/replies"]
    for piece in CORPUS:
        coded = quote(piece, safe="")
        addresses += [f"/search?q={coded}", f"/queue?language={coded}", f"/cases/1?from={coded}"]
    for address in addresses:
        page.goto(address)
        page.evaluate("for (const each of document.querySelectorAll('[onmouseover]')) each.onmouseover?.()")
        assert page.locator("main iframe, main script, main [onerror], main [onload]").count() == 0, address
        assert page.locator("a[href^='javascript' i]").count() == 0, address
    page.goto("/cases/1")
    press(page, "Control+k")
    page.keyboard.type("<img src=x onerror=alert(11)>")
    expect(page.locator("#palette")).to_contain_text("Nothing is called that.")
    assert said == []
    complaints[:] = [each for each in complaints if "status of 4" not in each]
