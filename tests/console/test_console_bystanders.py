"""A case's page with what others wrote in its conversation, and what is known of the customer besides."""

from __future__ import annotations

import re
from html import unescape

from sqlalchemy import event
from sqlmodel import col, select
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.desk import Desk
from socialdesk.messages import Gone, Message
from socialdesk.placing import vanishing
from tests.conftest import Cast
from tests.console.conftest import Town
from tests.stories import arrive, post

THEIRS = "conversation-of-101"
KEPT = "replies.submitted_at IS NOT NULL"  # the number beside Approvals, for a moment


def writes_there(town: Town, x_id: str, handle: str, text: str, minutes_ago: float) -> None:
    town.meet(x_id, handle, handle.title())
    town.writes(x_id, text, minutes_ago=minutes_ago, conversation=THEIRS)


def page_of(browser: TestClient, case: Case) -> str:
    answer = browser.get(f"/cases/{case.id}")
    assert answer.status_code == 200
    return unescape(answer.text)


def thread(page: str) -> str:
    return page.partition('id="thread"')[2].partition("</section>")[0]


def aside(page: str) -> str:
    return page.partition('<aside id="aside"')[2].partition("</aside>")[0]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_bystanders_are_folded_at_their_place_in_the_thread(ana: TestClient, town: Town, maria: Case) -> None:
    writes_there(town, "201", "bob", "Mine is late, too <b>", 25)
    writes_there(town, "201", "bob", "Hello?", 24)
    town.writes("101", "¿Hola?", minutes_ago=20)
    writes_there(town, "202", "eve", "And mine", 15)
    writes_there(town, "201", "bob", "Still nothing", 14)
    html = thread(page_of(ana, maria))
    told = words(html)
    order = [
        "no ha llegado",
        "2 posts by @bob in this conversation",
        "Hello?",
        "¿Hola?",
        "Posts by other people",
    ]
    places = [told.index(each) for each in (*order, "And mine", "Still nothing")]
    assert places == sorted(places)
    assert html.count('class="bystanders"') == 2
    assert "<details>" in html
    assert "<details open" not in html
    assert html.count('class="words theirs') == 2, "the customer's own"
    bob = ana.get("/search?q=@bob").text.partition("/cases/")[2].partition('"')[0].partition("?")[0]
    assert f'href="/cases/{bob}"' in html


def test_they_count_neither_for_the_draft_nor_as_the_customers_words(
    ana: TestClient, town: Town, maria: Case
) -> None:
    before = page_of(ana, maria)
    writes_there(town, "201", "bob", "Wo ist mein Paket?", 5)
    after = page_of(ana, maria)
    for told in (r'data-seen="(\d+)"', r'name="newest" value="(\d+)"', r'name="in" value="(\w+)"'):
        assert re.findall(told, after) == re.findall(told, before) != []
    assert "Split from here" not in thread(after)
    data = {"text": "Lo sentimos.", "as": "public", "seen": "1", "given": "0", "newest": "1", "revision": "0"}
    assert ana.post(f"/cases/{maria.id}/replies", data=data).status_code == 303


def test_what_they_should_not_have_written_in_public_is_masked(
    ana: TestClient, town: Town, maria: Case
) -> None:
    writes_there(town, "201", "bob", "My telephone is +49 151 23456789, call me", 5)
    html = thread(page_of(ana, maria))
    assert "call me" in html
    assert "23456789" not in html


def test_a_post_of_theirs_that_is_gone_says_so(ana: TestClient, desk: Desk, town: Town, maria: Case) -> None:
    writes_there(town, "201", "bob", "Forget it", 5)
    with desk.database.transaction() as session:
        newest = session.exec(select(Message.id).order_by(col(Message.id).desc())).first()
        vanishing.take_out(session, newest or 0, Gone.DELETED)
    html = thread(page_of(ana, maria))
    assert "Forget it" not in html
    assert 'class="gone"' in html


def test_a_crowd_is_bounded_and_says_how_many_more(
    ana: TestClient, desk: Desk, town: Town, maria: Case
) -> None:
    arrive(
        desk, *(post(str(9000 + n), f"Me too {n}", minutes=n / 100, conversation=THEIRS) for n in range(300))
    )
    page = page_of(ana, maria)
    assert thread(page).count('class="bystander"') == 50
    assert "Me too 299" in page
    assert "250 more people wrote in this conversation." in thread(page)
    assert "250 more people wrote in this conversation." in aside(page)


def test_the_page_asks_eight_times_at_most_with_bystanders_notes_and_other_cases(
    ana: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case
) -> None:
    arrive(desk, *(post(str(9000 + n), f"Me too {n}", minutes=n, conversation=THEIRS) for n in range(60)))
    arrive(desk, post("101", "Otra cosa", minutes=-500, conversation="another"))
    with desk.database.transaction() as session:
        for case in session.exec(select(Case).where(Case.customer_id == maria.customer_id)).all():
            notes.write(session, cases.hold(session, case.id or 0), "Thursday", by=cast.ben)
    ana.get("/queue")
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    page_of(ana, maria)
    selects = [each for each in asked if each.startswith(("SELECT", "WITH")) and KEPT not in each]
    assert len(selects) <= 8, selects


def test_the_aside_tells_the_customers_dealings_and_what_was_noted_elsewhere(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    assert "What happened lately" not in aside(page_of(ana, maria)), "there is nothing but this case"
    arrive(desk, post("101", "¿Y mi tarjeta regalo?", minutes=-500, conversation="another"))
    with desk.database.transaction() as session:
        other = session.exec(select(Case).where(Case.conversation_id == "another")).one()
        note = notes.write(session, other, "Refund promised <by> Friday", by=cast.ben)
        other.resolve(by=cast.ben)
    told = aside(page_of(ana, maria))
    assert "Cases 2, of which open: 1" in words(told)
    assert "First contact 20 Nov 03:40" in words(told)
    assert "Refund promised <by> Friday" in told
    assert f'href="/cases/{other.id}#note-{note.id}"' in told
    lately = words(told.partition("What happened lately")[2].partition("</ol>")[0])
    happened = [f"case {other.id} resolved", f"case {maria.id} opened", f"case {other.id} opened"]
    assert [lately.index(each) for each in happened] == sorted(lately.index(each) for each in happened)


def test_a_note_that_was_deleted_is_told_nowhere(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    arrive(desk, post("101", "¿Y mi tarjeta regalo?", minutes=-500, conversation="another"))
    with desk.database.transaction() as session:
        other = session.exec(select(Case).where(Case.conversation_id == "another")).one()
        note = notes.write(session, other, "Not for long", by=cast.ben)
        notes.remove(session, note.id or 0, by=cast.ben)
    assert "Notes on other cases" not in aside(page_of(ana, maria))
