"""The queue's page: the order, the filters, the pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people import skills
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import drafts
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.console.conftest import Town


def rows(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="case-(\d+)"', page)]


def test_the_front_page_is_the_queue(ana: TestClient) -> None:
    assert ana.get("/").headers["location"] == "/queue"


def test_an_empty_queue_says_so(ana: TestClient) -> None:
    page = ana.get("/queue").text
    assert "Nothing due." in page
    assert "Nobody waits for an answer." in page


def test_an_empty_queue_tells_the_last_look_and_the_next(ana: TestClient, desk: Desk) -> None:
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, 1, channel).read()
    words = re.sub(r"<[^>]*>", "", ana.get("/queue?language=sv").text)
    assert "Nothing due in Swedish." in words
    assert re.search(r"Mentions of @NorthwindHelp were read \d s ago, next in 2\d s\.", words)
    assert re.search(r"Direct messages of @NorthwindHelp were read \d s ago, next in 1 min\.", words)


def test_the_title_tells_how_many_are_in_the_list(ana: TestClient, kenji: Case, maria: Case) -> None:
    assert "<title>(2) Waiting for us · socialdesk</title>" in ana.get("/queue").text
    assert "<title>(1) Waiting for us · Japanese" in ana.get("/queue?language=ja").text
    assert "<title>(0) Resolved" in ana.get("/queue?status=resolved").text
    assert "<title>(2) Waiting" in ana.get("/queue", headers={"X-Fragment": "live"}).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DRAFT, "Draft"),
        (State.APPROVED, "Approved"),
        (State.SENDING, "Sending"),
        (State.UNKNOWN, "Sent? Not known"),
        (State.HELD, "Not sent"),
        (State.CANCELLED, ""),
    ],
)
def test_a_row_says_in_words_where_its_reply_is(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, state: State, words: str
) -> None:
    with desk.database.transaction() as session:
        drafts.write(
            session, cases.find(session, maria.id or 0), text="Lo sentimos.", by=cast.ben
        ).state = state
    row = ana.get("/queue").text.partition('id="rows"')[2].partition("</ol>")[0]
    assert ('class="state' in row) == bool(words)
    assert words in row


def test_a_page_of_the_queue_takes_few_statements(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    asked: list[str] = []
    with desk.database.transaction() as session:
        cases.hold(session, maria.id or 0).assign(cast.ben, by=cast.ben)
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ana.get("/queue")
    first = [each for each in asked if each.startswith("SELECT")]
    assert len(first) <= 8, first  # with the exposed cases, and what is kept for a moment or some seconds
    ana.get(f"/cases/{kenji.id}")
    assert len([each for each in asked if each.startswith("SELECT")]) - len(first) <= 9  # the same two


def test_whoever_has_waited_longest_comes_first(ana: TestClient, kenji: Case, maria: Case) -> None:
    page = ana.get("/queue").text
    assert rows(page) == [maria.id, kenji.id]
    assert "@maria" in page
    assert "Spanish" in page
    assert "Private" in page


def test_the_queue_can_be_narrowed_to_a_language(ana: TestClient, kenji: Case, maria: Case) -> None:
    assert rows(ana.get("/queue?language=ja").text) == [kenji.id]
    assert rows(ana.get("/queue?language=es").text) == [maria.id]
    empty = ana.get("/queue?language=sv").text
    assert rows(empty) == []
    assert "All languages" in empty


def test_an_agent_sees_what_waits_in_the_languages_that_he_writes(
    ana: TestClient, desk: Desk, cast: Cast, kenji: Case, maria: Case
) -> None:
    forget = ana.app.state.colleagues.forget  # type: ignore[attr-defined]
    assert "My languages" not in ana.get("/queue").text, "nothing is known of her yet"
    assert rows(ana.get("/queue?language=own").text) == rows(ana.get("/queue").text)
    with desk.database.transaction() as session:
        skills.learn(session, cast.ana, {"es": "writes", "pt": "writes", "ja": "reads"})
    forget()
    page = ana.get("/queue?language=own").text
    assert rows(page) == [maria.id]
    assert re.search(r'language=own" aria-current="true">My languages <span class="number">1<', page)
    assert '<h1 id="list-title">Waiting for us · My languages</h1>' in page
    assert "(1) Waiting for us" in page
    assert rows(ana.get("/queue?status=answered&language=own").text) == []
    with desk.database.transaction() as session:
        skills.learn(session, cast.ana, {"sv": "writes"})
    forget()
    assert "Nothing due in your languages." in ana.get("/queue?language=own").text


def test_the_next_case_is_one_of_the_agents_languages(
    ana: TestClient, desk: Desk, cast: Cast, kenji: Case, maria: Case
) -> None:
    with desk.database.transaction() as session:
        skills.learn(session, cast.ana, {"es": "writes"})
    told = {"from": "waiting.own", "to": "me", "next": "true"}
    onwards = ana.post(f"/cases/{kenji.id}/assignment", data=told, follow_redirects=False)
    assert onwards.headers["location"].startswith(f"/cases/{maria.id}?from=waiting.own")
    onwards = ana.post(f"/cases/{maria.id}/assignment", data=told, follow_redirects=False)
    assert onwards.headers["location"].startswith("/queue?status=waiting&language=own"), "not to Kenji's"


def test_lists_are_told_apart_by_status(ana: TestClient, maria: Case, kenji: Case) -> None:
    ana.post(f"/cases/{maria.id}/resolution")
    assert rows(ana.get("/queue").text) == [kenji.id]
    assert rows(ana.get("/queue?status=resolved").text) == [maria.id]
    assert rows(ana.get("/queue?status=answered").text) == []


@pytest.mark.parametrize(
    "address", ["/queue?language=xx", "/queue?status=lost", "/queue?after=never", "/queue?after=1~1"]
)
def test_an_address_that_makes_no_sense_is_refused_with_the_way_back(ana: TestClient, address: str) -> None:
    answer = ana.get(address)
    assert answer.status_code == 422
    assert 'href="/queue"' in answer.text


def test_paging_shows_every_case_once(ana: TestClient, town: Town) -> None:
    for number in range(queues.PAGE + 3):
        town.writes(str(500 + number), "Where is my parcel? I ordered it last week", minutes_ago=200 - number)
    first = ana.get("/queue")
    onward = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert onward
    second = ana.get(onward[1].replace("&amp;", "&"))
    seen = rows(first.text) + rows(second.text)
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == queues.PAGE + 3
    assert 'rel="next"' not in second.text


def test_a_row_says_who_is_on_it_and_that_an_answer_is_begun(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        case.assign(cast.ben, by=cast.sofia)
        drafts.write(session, case, text="Lo sentimos.", by=cast.ben)
    page = ana.get("/queue").text
    assert cast.ben.name in page
    assert "Draft" in page


def test_the_header_says_how_fresh_it_all_is(ana: TestClient) -> None:
    assert "not read yet" in ana.get("/queue").text
    assert ana.get("/health.json").json() == [
        {"account": "NorthwindHelp", "trouble": None, "stopped_rules": [], "channels": {}}
    ]


def test_a_page_that_is_only_refreshed_comes_without_its_frame(ana: TestClient, maria: Case) -> None:
    fragment = ana.get("/queue", headers={"X-Fragment": "live"}).text
    assert rows(fragment) == [maria.id]
    assert "<html" not in fragment
    assert 'id="health"' in fragment
