"""Drafting and approving: the right door, the right words, once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from socialdesk import cases, clock, replies
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, StaleDraft, WrongDoor
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, all_cases, arrive, direct_message, post


@pytest.fixture
def of_maria(desk: Desk) -> int:
    """Her public question, waiting."""
    arrive(desk, post(MARIA))
    return only_case(desk)


def only_case(desk: Desk) -> int:
    with desk.database.reading() as session:
        (case,) = all_cases(session)
        return case.id or 0


def draft(session: Session, case_id: int, cast: Cast, text: str = "Lo miramos.", **more: object) -> Reply:
    return drafts.write(session, cases.hold(session, case_id), text=text, by=cast.ana, **more)  # type: ignore[arg-type]


def test_a_reply_goes_where_the_customer_wrote(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA), direct_message(KENJI))

    with desk.database.transaction() as session:
        doors = [draft(session, case.id or 0, cast).visibility for case in all_cases(session)]
    assert doors == [Visibility.PUBLIC, Visibility.PRIVATE]


def test_a_direct_message_cannot_be_answered_in_public(desk: Desk, cast: Cast) -> None:
    arrive(desk, direct_message(KENJI))

    with desk.database.transaction() as session, pytest.raises(WrongDoor):
        draft(session, all_cases(session)[0].id or 0, cast, visibility=Visibility.PUBLIC)


def test_the_schema_itself_refuses_a_public_answer_to_a_private_message(desk: Desk, cast: Cast) -> None:
    arrive(desk, direct_message(KENJI))
    with desk.database.transaction() as session:
        reply_id = draft(session, all_cases(session)[0].id or 0, cast).id

    for change in ("visibility = 'public'", "visibility = 'public', answers_visibility = 'public'"):
        with pytest.raises(IntegrityError), desk.database.transaction() as session:
            session.connection().execute(text(f"UPDATE replies SET {change} WHERE id = {reply_id}"))


def test_public_words_may_be_answered_in_private(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        assert draft(session, of_maria, cast, visibility=Visibility.PRIVATE).private


def test_a_case_has_one_draft_that_everybody_changes(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        first = draft(session, of_maria, cast, "Lo miramos.")
    with desk.database.transaction() as session:
        second = draft(session, of_maria, cast, "Lo miramos ahora mismo.")

    assert (second.id, second.revision) == (first.id, first.revision + 1)


def test_a_draft_is_stale_once_the_customer_has_written_again(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question)
    with desk.database.transaction() as session:
        reply = draft(session, only_case(desk), cast)
    arrive(desk, post(MARIA, "Ya ha llegado, gracias.", conversation=question.x_id, minutes=1))

    with desk.database.transaction() as session, pytest.raises(StaleDraft):
        replies.approve(session, replies.find(session, reply.id or 0), by=cast.ana)


def test_a_draft_changed_by_a_colleague_is_read_again_before_it_goes(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    with desk.database.transaction() as session:
        seen = draft(session, of_maria, cast).revision
        reply = draft(session, of_maria, cast, "Otra cosa.")
        with pytest.raises(StaleDraft):
            replies.approve(session, reply, by=cast.ben, revision=seen)


def test_of_two_agents_who_approve_at_once_one_wins(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply_id = draft(session, of_maria, cast).id or 0
    outcomes: list[str] = []
    both_there = threading.Barrier(2)

    def approve(by: Agent) -> None:
        both_there.wait(10)
        try:
            with desk.database.transaction() as session:
                replies.approve(session, replies.find(session, reply_id), by=by)
            outcomes.append("approved")
        except AlreadyDone as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=approve, args=(agent,)) for agent in (cast.ana, cast.ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert "approved" in outcomes
    assert {"Already approved by Ana Horvat.", "Already approved by Ben Okoro."} & set(outcomes)


def test_the_same_words_answer_the_same_message_only_once(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, of_maria, cast), by=cast.ana)
    with desk.database.transaction() as session, pytest.raises(AlreadyDone):
        replies.approve(session, draft(session, of_maria, cast), by=cast.ben)


def test_nobody_answers_over_a_colleague(desk: Desk, cast: Cast, of_maria: int) -> None:
    """Ben opened the case before Ana answered it: what he then writes is shown again, not sent."""
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, of_maria, cast, "Ana contesta."), by=cast.ana)
    with desk.database.transaction() as session:
        late = draft(session, of_maria, cast, "Ben contesta también.", seen_reply_id=0)
        with pytest.raises(StaleDraft, match="has been answered since"):
            replies.approve(session, late, by=cast.ben)
        having_read = draft(session, of_maria, cast, "Ben añade algo.")
        replies.approve(session, having_read, by=cast.ben)


def test_of_two_workers_that_claim_at_once_one_gets_the_reply(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, of_maria, cast), by=cast.ana)
    claimed: list[object] = []
    both_there = threading.Barrier(2)

    def claim() -> None:
        both_there.wait(10)
        with desk.database.transaction() as session:
            claimed.append(outbox.claim(session, 1))

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outgoing is None for outgoing in claimed) == [False, True]


def test_the_mark_sending_is_durable_before_anything_leaves(
    desk: Desk, cast: Cast, of_maria: int, database: Database
) -> None:
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, of_maria, cast), by=cast.ana)
    with desk.database.transaction() as session:
        assert outbox.claim(session, 1)

    with database.reading() as session:
        reply = session.exec(select(Reply)).one()
    assert (reply.state, reply.attempts, reply.attempt_at is not None) == (State.SENDING, 1, True)


def test_a_reply_under_way_cannot_be_taken_back(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast)
        replies.approve(session, reply, by=cast.ana)
        outbox.claim(session, 1)
        with pytest.raises(AlreadyDone):
            replies.cancel(session, reply, by=cast.ana)


def test_a_reply_not_yet_under_way_can(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast)
        replies.approve(session, reply, by=cast.ana)
        replies.cancel(session, reply, by=cast.ben)
        assert outbox.claim(session, 1) is None
        assert reply.state == State.CANCELLED


def test_replies_of_one_case_leave_in_order(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        for words in ("Primero.", "Segundo."):
            replies.approve(session, draft(session, of_maria, cast, words), by=cast.ana)
    with desk.database.transaction() as session:
        first = outbox.claim(session, 1)
        assert first and first.text == "Primero."
        assert outbox.claim(session, 1) is None
        outbox.sent(session, first, x_id="1900000000000099999", at=clock.now())
        second = outbox.claim(session, 1)
        assert second and second.text == "Segundo."


def test_a_post_that_x_shows_late_makes_a_draft_stale_too(desk: Desk, cast: Cast) -> None:
    question = post(MARIA, minutes=5)
    arrive(desk, question)
    with desk.database.transaction() as session:
        reply = draft(session, only_case(desk), cast)
    arrive(desk, post(MARIA, "Escrito antes, visto después.", conversation=question.x_id, minutes=1))

    with desk.database.transaction() as session, pytest.raises(StaleDraft):
        replies.approve(session, replies.find(session, reply.id or 0), by=cast.ana)


def test_a_case_whose_customer_wrote_meanwhile_still_waits_after_the_reply(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question)
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, only_case(desk), cast), by=cast.ana)
        outgoing = outbox.claim(session, 1)
    again = post(MARIA, "¿Hola?", conversation=question.x_id, minutes=9)
    arrive(desk, again)
    with desk.database.transaction() as session:
        assert outgoing
        outbox.sent(session, outgoing, x_id="1900000000000099999", at=clock.now())

    with desk.database.reading() as session:
        case = session.exec(select(Case)).one()
        assert (case.status, case.waiting_since) == (cases.Status.WAITING, again.sent_at)


def test_every_step_of_a_reply_is_on_the_cases_history(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        replies.approve(session, draft(session, of_maria, cast), by=cast.ben)
        outgoing = outbox.claim(session, 1)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1900000000000099999", at=clock.now())

    with desk.database.reading() as session:
        told = [(event.kind, event.agent_id) for event in cases.events(session, of_maria)]
    assert told == [
        ("opened", None),
        ("reply_draft", cast.ana.id),
        ("reply_approved", cast.ben.id),
        ("we_wrote", cast.ben.id),
        ("reply_sent", cast.ben.id),
    ]
