"""Asking for the weekly summary on one's own page, and the page of one's own figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.casework import corrections
from socialdesk.console.app import create_app
from socialdesk.desk import Desk, assemble
from socialdesk.figures import own, recount
from socialdesk.figures.asking import Asked
from socialdesk.figures.own import Work
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts
from socialdesk.settings import Settings
from socialdesk.summaries.subscriptions import Subscription
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Visitor
from tests.people import another_account, place
from tests.stories import US, arrive, post

FORM = {"address": "sofia@northwind.example", "weekday": "2", "hour": "7"}
ALL_DAYS = Asked(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


def kept(desk: Desk) -> Subscription | None:
    with desk.database.reading() as session:
        return session.exec(select(Subscription)).first()


def test_a_supervisor_asks_for_the_summary_changes_it_and_ends_it(sofia: TestClient, desk: Desk) -> None:
    assert "Send it to me every week" in sofia.get("/account").text

    answer = sofia.post("/account/summary", data=FORM)
    assert answer.headers["location"] == "/account?done=summary"
    page = sofia.get("/account?done=summary").text
    assert "The weekly summary will come to that address." in page
    assert 'value="sofia@northwind.example"' in page
    assert '<option value="2" selected>Wednesday' in page

    sofia.post("/account/summary", data=FORM | {"hour": "9"})
    found = kept(desk)
    assert found and (found.hour, found.weekday, found.accounts) == (9, 2, None)

    assert sofia.post("/account/summary/ending").status_code == 303
    assert kept(desk) is None


def test_what_no_mail_can_reach_is_refused_in_its_place(sofia: TestClient, desk: Desk) -> None:
    answer = sofia.post("/account/summary", data=FORM | {"address": "sofia at home"})
    assert answer.status_code == 422
    assert "That is no e-mail address." in answer.text
    assert kept(desk) is None


def test_the_accounts_offered_are_those_one_supervises(
    desk: Desk, cast: Cast, signed_in: Visitor, maria: Case
) -> None:
    second, third = another_account(desk.database), another_account(desk.database, "WestwindHelp")
    place(desk.database, cast.sofia, "supervisor", {maria.account_id: "supervisor", second: "supervisor"})
    sofia = signed_in("sofia")
    page = sofia.get("/account").text
    assert "@SouthwindHelp" in page
    assert "@WestwindHelp" not in page

    assert sofia.post("/account/summary", data=FORM | {"account": [str(third)]}).status_code == 422
    sofia.post("/account/summary", data=FORM | {"account": [str(second)]})
    found = kept(desk)
    assert found and found.accounts == frozenset({second})


def test_agents_are_offered_no_summary(ana: TestClient) -> None:
    assert "The weekly summary" not in ana.get("/account").text
    assert ana.post("/account/summary", data=FORM).status_code == 403


def test_who_supervises_no_more_can_still_end_it(desk: Desk, cast: Cast, signed_in: Visitor) -> None:
    signed_in("sofia").post("/account/summary", data=FORM)
    place(desk.database, cast.sofia, "agent")
    sofia = signed_in("sofia")
    page = sofia.get("/account").text
    assert "No summary any more" in page
    assert "E-mail address" not in page
    sofia.post("/account/summary/ending")
    assert kept(desk) is None


def test_a_desk_without_a_mail_server_says_so(sofia: TestClient) -> None:
    assert "This desk has no mail server yet" in sofia.get("/account").text


@pytest.fixture
def worked(desk: Desk, cast: Cast, maria: Case, kenji: Case) -> Desk:
    """Ana has answered @maria with a template's words, Ben has sent her reply to @kenji back, and she has put
    a language right."""
    with desk.database.transaction() as session:
        said = session.exec(select(Message).where(Message.case_id == maria.id)).one()
        corrections.correct_language(session, session.get_one(Case, maria.id), said, "pt", by=cast.ana)
        leave(session, drafts.write(session, session.get_one(Case, maria.id), text="Olá.", by=cast.ana))
        reply = drafts.write(session, session.get_one(Case, kenji.id), text="はい。", by=cast.ana)
        library = desk.library_now(session)
        approvals.submit(session, reply, by=cast.ana, library=library, settings=desk.settings)
        approvals.send_back(session, reply, by=cast.ben, why="Say sorry first.")
    arrive(desk, post(US, "Olá.", conversation="conversation-of-101", to="101", x_id="9001"))
    with desk.database.transaction() as session:
        recount.rebuild(session)
    return desk


def leave(session: Session, reply: Reply) -> None:
    """As if it had reached X."""
    reply.x_id, reply.sent_at, reply.verbatim = "9001", clock.now(), True
    reply.state = State.SENT
    session.add(ReplyPart(reply_id=reply.id or 0, number=1, text="Olá.", x_id="9001"))


def test_agents_see_what_they_did_and_why_replies_came_back(worked: Desk, ana: TestClient) -> None:
    page = ana.get("/figures/me").text
    assert "Your own work of the last 30 days." in page
    assert "Say sorry first." in page
    assert '<td data-name="Answered">1</td><td data-name="Unchanged">1</td>' in page
    assert "Everybody at your accounts" not in page


def test_nobody_sees_another_persons_reasons(worked: Desk, signed_in: Visitor) -> None:
    page = signed_in("ben").get("/figures/me").text
    assert "Say sorry first." not in page
    assert "Nothing of yours has reached a customer in this time." in page


def test_a_supervisor_sees_the_sums_of_all_and_of_nobody_alone(worked: Desk, sofia: TestClient) -> None:
    page = sofia.get("/figures/me").text
    assert "Everybody at your accounts" in page
    assert "Single people are not told" in page
    assert "Ana Horvat" not in page
    assert "Say sorry first." not in page


def test_people_are_told_by_name_where_the_settings_say_so(
    worked: Desk, make_settings: Callable[..., Settings]
) -> None:
    open_desk = assemble(make_settings(figures={"people": True}))
    browser = TestClient(
        create_app(open_desk), base_url="http://127.0.0.1:8080", headers=SAME_SITE, follow_redirects=False
    )
    browser.post("/sign-in", data={"username": "sofia", "password": PASSWORD})
    assert "Ana Horvat" in browser.get("/figures/me").text
    open_desk.database.close()


def test_the_three_counts_agree(worked: Desk, cast: Cast) -> None:
    with worked.database.reading() as session:
        days = own.by_day(session, ALL_DAYS, cast.ana.id or 0, zone=ZoneInfo("UTC"))
        people = own.by_person(session, ALL_DAYS)
        everybody = own.of_everybody(session, ALL_DAYS)
    assert own.total(days) == people[cast.ana.id or 0] == everybody == Work(1, 1, 1, 1)
    assert set(people) == {cast.ana.id}
