"""Taking back a reply that a colleague wrote: only the approval is undone, and the words stay everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from socialdesk import cases, parts, replies
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts, jottings, outbox
from socialdesk.settings import Settings
from tests.conftest import Cast
from tests.console.conftest import Visitor
from tests.console.forms import composer
from tests.console.test_console_composer import region

WORDS = "Lo sentimos mucho, lo miramos ahora mismo y te contamos."


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    """Whatever an agent writes is for a colleague."""
    desk = assemble(make_settings(approvals={"rules": [{"role": "agent", "needs": "colleague"}]}))
    yield desk
    desk.database.close()


@pytest.fixture
def ben(signed_in: Visitor) -> TestClient:
    return signed_in("ben")


def written(desk: Desk, case: Case, by: Agent, *, waits: bool = True) -> Reply:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=WORDS, by=by)
        if waits:
            approvals.submit(session, reply, by=by, library=desk.library, settings=desk.settings)
        return reply


def now(desk: Desk, reply: Reply) -> Reply:
    with desk.database.reading() as session:
        return replies.find(session, reply.id or 0)


def typed(desk: Desk, case: Case, by: Agent) -> list[str]:
    with desk.database.reading() as session:
        return [each.text for each in jottings.of_agent(session, case.id or 0, by.id or 0)]


def approved(browser: TestClient, reply: Reply) -> str:
    """The page that follows."""
    answer = browser.post(f"/approvals/{reply.id}/approval", data={"revision": reply.revision})
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_what_a_colleague_has_asked_for_waits_again_in_its_place(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    reply, before = written(desk, maria, cast.ana), None
    written(desk, kenji, cast.ana)
    before = now(desk, reply)
    page = approved(ben, reply)
    assert now(desk, reply).state == State.APPROVED
    assert f'action="/replies/{reply.id}/cancellation"' in region(page, "flash")
    answer = ben.post(f"/replies/{reply.id}/cancellation")
    assert answer.headers["location"] == f"/approvals?done=unapproved-{maria.id}#reply-{reply.id}"
    page = ben.get(answer.headers["location"]).text
    assert "The approval is taken back: the reply waits for a second person again." in page
    assert page.index(f'id="entry-{reply.id}"') < page.index(f'id="entry-{(reply.id or 0) + 1}"')
    told = {"exclude": {"attempts"}}
    assert now(desk, reply).model_dump(**told) == before.model_dump(**told)  # type: ignore[arg-type]
    assert typed(desk, maria, cast.ben) == []


def test_the_same_words_are_approved_and_leave_afterwards(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = written(desk, maria, cast.ana)
    approved(ben, reply)
    ben.post(f"/replies/{reply.id}/cancellation")
    with desk.database.transaction() as session:
        assert parts.of_reply(session, reply.id or 0) == []
        assert outbox.claim(session, maria.account_id) is None
    approved(ben, reply)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing and outgoing.text == f"{WORDS} ^AH"


def test_the_history_says_who_took_the_approval_back(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = written(desk, maria, cast.ana)
    approved(ben, reply)
    ben.post(f"/replies/{reply.id}/cancellation")
    assert "Ben Okoro took a reply&#39;s approval back" in ben.get(f"/cases/{maria.id}").text


def test_a_draft_that_nobody_had_asked_about_is_a_draft_again(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    sofia, reply = signed_in("sofia"), written(desk, maria, cast.ana, waits=False)
    form = composer(sofia.get(f"/cases/{maria.id}")) | {"approve": "true"}
    assert sofia.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    assert now(desk, reply).state == State.APPROVED
    back = sofia.post(f"/replies/{reply.id}/cancellation").headers["location"]
    assert back == f"/cases/{maria.id}?done=redrafted-{maria.id}#composer"
    page = sofia.get(back)
    assert "The approval is taken back: the reply is a draft again." in page.text
    assert composer(page)["text"] == WORDS
    assert (now(desk, reply).state, now(desk, reply).drafted_by_id) == (State.DRAFT, cast.ana.id)


def test_what_was_approved_with_edits_stays_a_draft_that_everybody_sees(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    sofia, reply = signed_in("sofia"), written(desk, maria, cast.ana)
    form = composer(sofia.get(f"/cases/{maria.id}")) | {"text": f"{WORDS} Gracias.", "approve": "true"}
    assert sofia.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    sofia.post(f"/replies/{reply.id}/cancellation")
    assert now(desk, reply).state == State.DRAFT
    assert composer(signed_in("ana").get(f"/cases/{maria.id}"))["text"] == f"{WORDS} Gracias."
    assert typed(desk, maria, cast.sofia) == []


def test_its_author_takes_back_all_of_it(
    ben: TestClient, ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = written(desk, maria, cast.ana)
    approved(ben, reply)
    back = ana.post(f"/replies/{reply.id}/cancellation").headers["location"]
    assert composer(ana.get(back))["text"] == WORDS
    assert now(desk, reply).state == State.CANCELLED
    assert typed(desk, maria, cast.ana) == [WORDS]


def test_beside_another_draft_its_words_go_back_to_their_author(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    """A case has one draft: here Sofia has begun the next one within the seconds."""
    reply = written(desk, maria, cast.ana)
    approved(ben, reply)
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, maria.id or 0), text="Otra cosa.", by=cast.sofia)
    page = ben.get(ben.post(f"/replies/{reply.id}/cancellation").headers["location"]).text
    assert "these words are kept for their author." in page
    assert now(desk, reply).state == State.CANCELLED
    assert (typed(desk, maria, cast.ben), typed(desk, maria, cast.ana)) == ([], [WORDS])
    with desk.database.reading() as session:
        drafted = session.exec(select(Reply.text).where(col(Reply.state) == State.DRAFT)).all()
    assert drafted == ["Otra cosa."]


def test_it_is_too_late_once_it_is_on_its_way(ben: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    reply = written(desk, maria, cast.ana)
    approved(ben, reply)
    with desk.database.transaction() as session:
        assert outbox.claim(session, maria.account_id)
    answer = ben.post(f"/replies/{reply.id}/cancellation")
    assert answer.status_code == 409
    assert "Too late: this reply is on its way to X." in answer.text
    assert now(desk, reply).state == State.SENDING


def test_a_discarded_request_waits_again_when_that_is_undone(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = written(desk, maria, cast.ana)
    answer = ben.post(f"/replies/{reply.id}/cancellation")
    page = ben.get(answer.headers["location"]).text
    way = region(page, "flash").partition('action="')[2].partition('"')[0]
    assert ben.post(way).status_code == 303
    assert now(desk, reply).state == State.DRAFT
    assert f'id="entry-{reply.id}"' in ben.get("/approvals").text


def test_a_reply_stands_under_its_authors_name_and_says_who_approved_it(
    ben: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    approved(ben, written(desk, maria, cast.ana))
    named = "<bdi>Ana Horvat</bdi>, approved by <bdi>Ben Okoro</bdi>"
    assert named in region(ben.get(f"/cases/{maria.id}").text, "reply-1", "</p>")
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1990000000000000001", at=maria.opened_at)
    page = ben.get(f"/cases/{maria.id}").text
    assert 'id="reply-1"' not in page
    assert named in page


def test_who_lets_his_own_words_go_is_named_once(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    sofia = signed_in("sofia")
    form = composer(sofia.get(f"/cases/{maria.id}")) | {"text": WORDS, "approve": "true"}
    assert sofia.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    page = sofia.get(f"/cases/{maria.id}").text
    assert f"<bdi>{cast.sofia.name}</bdi>" in region(page, "reply-1", "</p>")
    assert "approved by" not in page
