"""What the pane beside the queue is given: a case to read, which nobody has come to by that."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import event
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.casework.notes import Mention
from socialdesk.desk import Desk
from socialdesk.messages import Visibility
from socialdesk.replies import State
from socialdesk.replying import approvals, drafts
from tests.conftest import Cast
from tests.console.conftest import Town

SCRIPT = {"X-Fragment": "glance"}


def glance(browser: TestClient, case: Case, **query: str) -> str:
    answer = browser.get(f"/cases/{case.id}/glance", headers=SCRIPT, params=query)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_it_says_who_it_is_how_it_stands_and_what_was_written(ana: TestClient, kenji: Case) -> None:
    html = glance(ana, kenji, **{"from": "waiting.ja"})
    assert "<html" not in html
    assert "<form" not in html
    assert f'href="/cases/{kenji.id}?from=waiting.ja"' in html
    for told in ("健二", "@kenji", "Japanese", "Private", "Waiting for us", "Nobody", "アカウントにログイン"):
        assert told in html


def test_whoever_comes_by_the_address_is_led_to_the_case(ana: TestClient, kenji: Case) -> None:
    answer = ana.get(f"/cases/{kenji.id}/glance?from=waiting")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{kenji.id}?from=waiting")
    assert ana.get(f"/cases/{kenji.id}/glance?from=//evil").headers["location"] == f"/cases/{kenji.id}"
    assert ana.get("/cases/999/glance", headers=SCRIPT).status_code == 404


def test_signed_out_a_script_is_told_so(visitor: Callable[[], TestClient], kenji: Case) -> None:
    assert visitor().get(f"/cases/{kenji.id}/glance", headers=SCRIPT).status_code == 401


@pytest.mark.parametrize("submitted", [False, True])
def test_the_draft_that_waits_is_shown(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, submitted: bool
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        reply = drafts.write(session, case, text="Lo sentimos, María.", by=cast.ben)
        if submitted:
            library = desk.library_now(session)
            approvals.submit(session, reply, by=cast.ben, library=library, settings=desk.settings)
    html = glance(ana, maria)
    assert "Lo sentimos, María." in html
    assert ("To approve" if submitted else "Draft") in html
    assert cast.ben.name in html


def test_a_reply_that_is_not_on_x_is_shown_with_how_it_stands(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        reply = drafts.write(session, case, text="Lo sentimos.", by=cast.ben, visibility=Visibility.PUBLIC)
        reply.state, reply.trouble = State.HELD, "The customer limits who may reply."
    html = glance(ana, maria)
    assert "Not sent" in html
    assert "The customer limits who may reply." in html


def test_long_words_are_cut_and_personal_data_masked(ana: TestClient, town: Town, maria: Case) -> None:
    town.writes("101", "Me llamo María, mi móvil es 612 34 56 78. " + "¿Dónde? " * 3_000, minutes_ago=5)
    html = glance(ana, maria)
    assert "612 34 56 78" not in html
    assert len(html) < 12_000
    assert "The rest of it is in the case" in html
    assert "What was said before" not in html


def test_many_messages_stay_few(ana: TestClient, town: Town, maria: Case) -> None:
    for number in range(30):
        town.writes("101", f"Palabra {number}", minutes_ago=29 - number / 2)
    html = glance(ana, maria)
    assert html.count('class="words theirs') == 20
    assert "Palabra 29" in html
    assert "Palabra 9<" not in html
    assert "What was said before is in the case" in html


def test_whoever_was_called_in_a_note_has_not_come_by_looking(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        notes.write(session, cases.hold(session, maria.id or 0), "@ana please look", by=cast.ben)
    assert "@ana please look" in glance(ana, maria)
    with desk.database.reading() as session:
        assert len(session.exec(select(Mention)).all()) == 1


def test_it_takes_few_statements_and_writes_none(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        notes.write(session, case, "Thursday", by=cast.ben)
        drafts.write(session, case, text="Lo sentimos.", by=cast.ben)
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    glance(ana, maria)
    assert len([each for each in asked if each.startswith(("SELECT", "WITH"))]) <= 8, asked
    assert not [each for each in asked if each.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_without_the_pane_the_queue_is_drawn_without_it(ana: TestClient, maria: Case) -> None:
    assert '<div class="queue reads">' in ana.get("/queue").text
    ana.cookies.set("desk-pane", "off")
    page = ana.get("/queue").text
    assert '<div class="queue">' in page
    assert 'aria-pressed="false"' in page


def test_chosen_cases_are_told_that_the_list_has_on_other_pages(
    ana: TestClient, desk: Desk, cast: Cast, town: Town
) -> None:
    for number in range(52):
        town.writes(str(700 + number), "Where is my parcel?", minutes_ago=200 - number)
    with desk.database.transaction() as session:
        cases.hold(session, 51).resolve(by=cast.ben)
    page = ana.get("/queue?chosen=1,51,52,999,-4,nothing,99999999999999").text
    carried = page.partition('id="carried-rows"')[2].partition("</ol>")[0]
    assert carried.count("data-carried=") == 1
    assert 'data-carried="52"' in carried
    assert 'data-carried="1"' not in ana.get("/queue?chosen=1").text
    assert 'data-carried="52"' not in ana.get("/queue?language=ja&chosen=52").text


def test_many_chosen_cases_are_one_statement_more(ana: TestClient, desk: Desk, town: Town) -> None:
    for number in range(52):
        town.writes(str(700 + number), "Where is my parcel?", minutes_ago=200 - number)
    ana.get("/queue")
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ana.get("/queue?chosen=51,52")
    assert len([each for each in asked if each.startswith("SELECT")]) <= 8, asked
