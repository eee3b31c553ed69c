"""What has come into a list since its page was opened is told wherever in the list it stands."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from socialdesk import cases, feed, history
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.console.conftest import Town
from tests.people import another_account

ROWS = re.compile(r'id="case-(\d+)"')
CROWD = range(4)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows on a page."""
    monkeypatch.setitem(queues._read.__kwdefaults__ or {}, "size", 2)


@pytest.fixture
def crowd(town: Town) -> list[int]:
    """The cases of four customers who wait, the first longest."""
    return [comes(town, number, minutes_ago=60 - number) for number in CROWD]


def comes(town: Town, number: int, text: str = "Where is my parcel?", *, minutes_ago: float) -> int:
    town.meet(str(700 + number), f"customer_{number}", "Somebody")
    return town.writes(str(700 + number), text, minutes_ago=minutes_ago).id or 0


def newest(desk: Desk) -> int:
    with desk.database.reading() as session:
        return feed.newest(session)


def further(browser: TestClient, since: int, query: str = "") -> list[int]:
    """The cases on other pages that an open page of the list is told of."""
    page = browser.get(f"/queue?since={since}{query}", headers={"X-Fragment": "live"}).text
    part = page.partition('id="further-rows"')[2].partition("</ol>")[0]
    return [int(each) for each in ROWS.findall(part)]


def test_a_new_case_on_another_page_is_told(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int]
) -> None:
    since = newest(desk)
    assert further(ana, since) == []
    late, later = comes(town, 8, minutes_ago=2), comes(town, 9, minutes_ago=1)
    assert further(ana, since) == [late, later]
    assert further(ana, newest(desk)) == []
    page = ana.get("/queue").text
    assert f'data-since="{newest(desk)}"' in page
    assert 'id="further-rows"' in page
    assert "customer_9" not in page


def test_what_is_on_the_page_itself_is_not_told_twice(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int]
) -> None:
    since = newest(desk)
    comes(town, 8, minutes_ago=200)
    assert further(ana, since) == []
    town.writes("708", "Hello?", minutes_ago=1)
    assert further(ana, since) == []


def test_a_customer_who_waits_and_writes_more_is_nobody_new(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int], cast: Cast
) -> None:
    since = newest(desk)
    town.writes("703", "Hello?", minutes_ago=1)
    assert further(ana, since) == []
    with desk.database.transaction() as session:
        resolved = cases.hold(session, crowd[3])
        resolved.resolve(by=cast.ben)
    since = newest(desk)
    town.writes("703", "Still nothing", minutes_ago=-1)
    town.writes("703", "And now?", minutes_ago=-2)
    assert further(ana, since) == [crowd[3]]


def test_an_answered_customer_who_writes_again_is_new(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int]
) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, crowd[3])
        case.we_wrote(at=case.customer_wrote_at, x_id="9999", unseen_since=None)
    since = newest(desk)
    town.writes("703", "Thanks, and when?", minutes_ago=-1)
    assert further(ana, since) == [crowd[3]]


def test_two_accounts_copies_of_one_post_are_told_apart(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int]
) -> None:
    """One customer waits longer than since then, of another account's case it is the first that was seen."""
    elsewhere, since = another_account(desk.database), newest(desk)
    town.writes("703", "Hello?", minutes_ago=1)
    with desk.database.transaction() as session:
        case = session.get_one(Case, crowd[3])
        written = select(Message).where(Message.case_id == crowd[3], Message.text == "Hello?")
        post = session.exec(written).one().model_dump(exclude={"id"})
        there = Case(**case.model_dump(exclude={"id", "account_id"}), account_id=elsewhere)
        session.add(there)
        session.flush()
        assert case.waiting_since
        began = case.waiting_since - timedelta(minutes=5)
        theirs = {"account_id": elsewhere, "case_id": there.id, "sent_at": began}
        session.add(Message(**post | theirs))
        history.record(there, "customer_wrote", message=post["x_id"])
        session.flush()
        newcomer = there.id
    assert further(ana, since) == [newcomer]


def test_only_cases_of_the_list_that_is_looked_at_are_told(
    ana: TestClient, desk: Desk, town: Town, crowd: list[int], cast: Cast
) -> None:
    since = newest(desk)
    spanish = comes(town, 8, "Mi paquete no ha llegado todavía, ¿dónde está mi pedido?", minutes_ago=1)
    assert further(ana, since) == [spanish]
    assert further(ana, since, "&language=en") == []
    assert further(ana, since, "&status=mine") == []
    assert further(ana, since, "&status=resolved") == []
    with desk.database.transaction() as session:
        for case_id in (*crowd[:3], spanish):
            cases.hold(session, case_id).assign(agent(session, "ana"), by=cast.ben)
    assert further(ana, since, "&status=mine") == [crowd[2], spanish]
    assert further(ana, since, "&status=unassigned") == []


def agent(session: Session, username: str) -> Agent:
    return session.exec(select(Agent).where(Agent.username == username)).one()


def test_a_case_that_was_put_into_the_lists_language_is_new_there(
    ana: TestClient, desk: Desk, crowd: list[int]
) -> None:
    for case_id in crowd[:3]:
        ana.post("/queue/together", data={"act": "language", "case": [stamped(ana, case_id)], "value": "fr"})
    since = newest(desk)
    chosen = stamped(ana, crowd[3])
    ana.post("/queue/together", data={"act": "language", "case": [chosen], "value": "fr"})
    assert further(ana, since, "&language=fr") == [crowd[3]]
    assert further(ana, since) == []


def stamped(browser: TestClient, case_id: int) -> str:
    page = browser.get(f"/queue/together?act=language&language=fr&case={case_id}").text
    found: list[str] = re.findall(r'name="case" value="([^"]+)"', page)
    return found[0]


def test_a_list_without_further_pages_has_nothing_elsewhere(ana: TestClient, desk: Desk, town: Town) -> None:
    since = newest(desk)
    comes(town, 8, minutes_ago=2)
    assert further(ana, since) == []


@pytest.mark.parametrize("since", ["-1", "x", "99999999999999999999"])
def test_an_event_that_cannot_be_is_refused(ana: TestClient, since: str) -> None:
    assert ana.get(f"/queue?since={since}").status_code == 422
