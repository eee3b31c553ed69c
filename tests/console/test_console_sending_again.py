"""A held reply on its case's page: what is new, what there is to do, and that the server asks all of it."""

from __future__ import annotations

import re

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, clock, replies
from socialdesk.cases import Case
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.forms import composer
from tests.stories import US, arrive, post

READ_FIRST = "read that first, then send this again or change it."
AGAIN = "Send again as it is"


def approved(desk: Desk, case: Case, by: Agent, text: str = "Lo sentimos.") -> int:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=text, by=by)
        replies.approve(session, reply, by=by)
        return reply.id or 0


def claimed(desk: Desk, case: Case) -> outbox.Outgoing | None:
    with desk.database.transaction() as session:
        return outbox.claim(session, case.account_id)


def leaves(desk: Desk, case: Case) -> None:
    outgoing = claimed(desk, case)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=clock.now())


@pytest.fixture
def held(desk: Desk, cast: Cast, maria: Case) -> int:
    """Ana's answer to @maria, which X did not take."""
    reply_id = approved(desk, maria, cast.ana)
    refuse(desk, maria)
    return reply_id


def refuse(desk: Desk, case: Case) -> None:
    outgoing = claimed(desk, case)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.held(session, outgoing, why="X said no.", remedy=Remedy.RETRY)


def retrying(page: Response, reply_id: int) -> dict[str, str]:
    """The fields of the form that sends the reply again, as the page was delivered."""
    form = re.search(rf'action="/replies/{reply_id}/retry">(.*?)</form>', page.text, re.DOTALL)
    assert form
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))


def state_of(desk: Desk, reply_id: int) -> str:
    with desk.database.reading() as session:
        return session.get_one(Reply, reply_id).state


def opt_out(desk: Desk, by: Agent) -> None:
    with desk.database.transaction() as session:
        optouts.opt_out(
            session, session.exec(select(Customer).where(Customer.handle == "maria")).one(), by=by
        )


def test_a_held_reply_is_sent_again_from_a_page_that_shows_all_there_is(
    ana: TestClient, desk: Desk, maria: Case, held: int
) -> None:
    page = ana.get(f"/cases/{maria.id}")
    assert AGAIN in page.text
    assert READ_FIRST not in page.text
    assert ana.post(f"/replies/{held}/retry", data=retrying(page, held)).status_code == 303
    assert state_of(desk, held) == State.APPROVED


def test_it_is_refused_when_a_colleague_has_answered_since_the_page_was_made(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, held: int
) -> None:
    before = retrying(ana.get(f"/cases/{maria.id}"), held)
    approved(desk, maria, cast.ben, "Ben contesta.")
    leaves(desk, maria)

    refused = ana.post(f"/replies/{held}/retry", data=before)
    assert (refused.status_code, state_of(desk, held)) == (409, State.HELD)
    told = f"This case has been answered since this was approved: {READ_FIRST}"
    assert told in refused.text
    assert "Ben contesta." in refused.text

    page = ana.get(f"/cases/{maria.id}")
    assert told in page.text
    assert AGAIN not in page.text
    assert "I have read it: send it again" in page.text
    assert ana.post(f"/replies/{held}/retry", data=retrying(page, held)).status_code == 303


@pytest.mark.parametrize("left_out", ["seen", "given", "version"])
def test_a_form_that_does_not_say_what_was_seen_is_taken_for_one_that_has_seen_nothing_new(
    ana: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case, held: int, left_out: str
) -> None:
    if left_out == "seen":
        town.writes("101", "Ya ha llegado, gracias.", minutes_ago=1)
    elif left_out == "given":
        approved(desk, maria, cast.ben, "Ben contesta.")
        leaves(desk, maria)
    else:
        with desk.database.transaction() as session:
            session.exec(select(Message)).one().x_id = "1999999999999999999"
    form = retrying(ana.get(f"/cases/{maria.id}"), held)
    partly = {name: value for name, value in form.items() if name != left_out}
    assert ana.post(f"/replies/{held}/retry", data=partly).status_code == 409
    assert ana.post(f"/replies/{held}/retry", data=form).status_code == 303


def test_the_rest_of_a_thread_is_no_answer_from_xs_own_app(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    """Though it was read from X before the desk knew that it had arrived."""
    thread = approved(desk, maria, cast.ana, "Lo sentimos mucho y lo miramos enseguida. " * 9)
    second = approved(desk, maria, cast.ana, "Y otra cosa.")
    leaves(desk, maria)
    rest = claimed(desk, maria)
    assert rest
    assert (rest.reply_id, rest.number) == (thread, 2)
    told = post(US, rest.text, to="101", conversation="conversation-of-101", answers=rest.answers_x_id)
    arrive(desk, told)
    with desk.database.transaction() as session:
        outbox.sent(session, rest, x_id=told.x_id, at=clock.now())
    refuse(desk, maria)

    page = ana.get(f"/cases/{maria.id}").text
    assert state_of(desk, second) == State.HELD
    assert AGAIN in page
    assert "in X&#39;s own app" not in page


def test_an_answer_from_xs_own_app_is_news_to_a_held_reply_and_to_a_draft(
    ana: TestClient, desk: Desk, maria: Case, held: int
) -> None:
    page = ana.get(f"/cases/{maria.id}")
    before, form = retrying(page, held), composer(page) | {"text": "Lo miramos.", "approve": "true"}
    with desk.database.reading() as session:
        asked = session.exec(select(Message)).one()
    arrive(desk, post(US, "Resuelto ya.", to="101", conversation=asked.conversation_id, answers=asked.x_id))

    refused = ana.post(f"/replies/{held}/retry", data=before)
    assert refused.status_code == 409
    assert "in X&#39;s own app since this was approved" in refused.text
    refused = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert refused.status_code == 409
    assert "in X&#39;s own app since this draft was begun" in refused.text
    assert "Us, not from this desk" in refused.text[refused.text.index('id="news"') :]

    read = composer(refused) | {"renew": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=read).status_code == 303
    ready = composer(ana.get(f"/cases/{maria.id}")) | {"approve": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=ready).status_code == 303


def test_who_has_opted_out_is_not_sent_the_held_reply_and_the_page_says_what_to_do(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case, held: int
) -> None:
    page = ana.get(f"/cases/{maria.id}")
    opt_out(desk, cast.ana)
    refused = ana.post(f"/replies/{held}/retry", data=retrying(page, held))
    assert (refused.status_code, state_of(desk, held)) == (422, State.HELD)
    assert "edit it as a new draft, and have that approved" in refused.text

    sofia = signed_in("sofia")
    form = composer(sofia.get(f"/cases/{maria.id}?again={held}"))
    form |= {"approve": "true", "override": "opted_out", "reason": "She asked for it."}
    assert sofia.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    assert state_of(desk, held) == State.CANCELLED
    assert claimed(desk, maria)


def test_what_was_approved_before_he_opted_out_is_held_with_the_reason(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply_id = approved(desk, maria, cast.ana)
    opt_out(desk, cast.ben)
    assert claimed(desk, maria) is None
    page = ana.get(f"/cases/{maria.id}").text
    assert state_of(desk, reply_id) == State.HELD
    assert "Cancel it, or edit it as a new draft, which a supervisor may approve all the same." in page
    assert re.search(r'<a class="button best" href="[^"]*again=', page)
    assert f'href="/cases/{maria.id}' in ana.get("/queue?status=failed").text


def test_a_reply_behind_one_that_was_not_sent_says_so_and_leaves_when_told_to(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    first = approved(desk, maria, cast.ana)
    second = approved(desk, maria, cast.ben, "Y otra cosa.")
    refuse(desk, maria)
    page = ana.get(f"/cases/{maria.id}")
    assert "The reply before it was not sent: see to that one first" in page.text
    assert [state_of(desk, each) for each in (first, second)] == [State.HELD, State.HELD]
    assert claimed(desk, maria) is None

    assert ana.post(f"/replies/{second}/retry", data=retrying(page, second)).status_code == 303
    outgoing = claimed(desk, maria)
    assert outgoing and outgoing.reply_id == second
    assert state_of(desk, first) == State.HELD
