"""A held reply sent again is approved once more; and what nobody may be sent any more is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from socialdesk import cases, clock, customers, guards, messages, replies
from socialdesk.automation import running
from socialdesk.automation.leaving import read
from socialdesk.cases import Case
from socialdesk.casework import corrections, optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, Guarded, Remedy, StaleDraft
from socialdesk.messages import Gone, Message
from socialdesk.people.agents import Agent
from socialdesk.placing import vanishing
from socialdesk.privacy import tombstones
from socialdesk.replies import State
from socialdesk.replying import again, approvals, drafts, outbox
from socialdesk.settings import CHECKOUT, Settings
from tests.conftest import Cast
from tests.outgoing import LONG, reply_of, send_again
from tests.stories import MARIA, US, all_cases, arrive, post

WORDS = "Lo sentimos, lo miramos ahora mismo."
IN_ENGLISH = "We are sorry, and we are looking into this right now."
PHONE = "Llámanos mañana al +34 612 345 678, por favor."


@pytest.fixture
def asked(desk: Desk) -> str:
    """X's id of @maria's public question."""
    question = post(MARIA)
    arrive(desk, question)
    return question.x_id


def the_case(desk: Desk) -> Case:
    with desk.database.reading() as session:
        return all_cases(session)[0]


def approved(desk: Desk, by: Agent, text: str = WORDS, approver: Agent | None = None, **how: Any) -> int:
    """Written by the one and approved by the other, with the guards asked; returns the reply's row id."""
    with desk.database.transaction() as session:
        case = cases.hold(session, all_cases(session)[0].id or 0)
        reply = drafts.write(session, case, text=text, by=by)
        terms: dict[str, Any] = {"library": desk.library, "settings": desk.settings} | how
        approvals.approve(session, reply, by=approver or by, **terms)
        return reply.id or 0


def claimed(desk: Desk) -> outbox.Outgoing | None:
    with desk.database.transaction() as session:
        return outbox.claim(session, 1, desk.settings.sending)


def leaves(desk: Desk, x_id: str = "1900000000000099999") -> None:
    """What is due leaves, and X has it."""
    outgoing = claimed(desk)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=clock.now())


def refused(desk: Desk, *about: Any, **how: Any) -> int:
    """A reply that X did not take."""
    reply_id = approved(desk, *about, **how)
    outgoing = claimed(desk)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.held(session, outgoing, why="X said no.")
    return reply_id


def opt_out(desk: Desk, *, into: bool = False) -> None:
    with desk.database.transaction() as session:
        customer = session.exec(select(Customer).where(Customer.x_id == MARIA)).one()
        by = session.exec(select(Agent)).first()
        assert by
        if into:
            optouts.opt_in(session, customer, by=by)
        else:
            optouts.opt_out(session, customer, by=by)


def newest(desk: Desk) -> int:
    with desk.database.reading() as session:
        return replies.newest_there(session, the_case(desk).id or 0)


def test_a_reply_that_x_refused_may_be_sent_again_while_nothing_is_new(
    desk: Desk, cast: Cast, asked: str
) -> None:
    reply_id = refused(desk, cast.ana)
    send_again(desk, reply_id, cast.ben)
    assert reply_of(desk, reply_id).state == State.APPROVED
    with pytest.raises(AlreadyDone, match="approved already"):
        send_again(desk, reply_id, cast.ana)


def test_it_is_not_sent_past_a_colleagues_answer_that_nobody_has_read(
    desk: Desk, cast: Cast, asked: str
) -> None:
    held = refused(desk, cast.ana)
    bens = approved(desk, cast.ben, "Ben contesta, y dice otra cosa.")
    leaves(desk)
    with pytest.raises(StaleDraft, match="has been answered since"):
        send_again(desk, held, cast.ana)
    assert reply_of(desk, held).state == State.HELD

    send_again(desk, held, cast.ana, seen_reply_id=bens)
    assert claimed(desk)


def test_it_is_not_sent_past_new_words_of_the_customers(desk: Desk, cast: Cast, asked: str) -> None:
    held = refused(desk, cast.ana)
    arrive(desk, post(MARIA, "Ya ha llegado, gracias.", conversation=asked, minutes=1))
    with pytest.raises(StaleDraft, match="written again since"):
        send_again(desk, held, cast.ana)
    send_again(desk, held, cast.ana, seen_message_id=newest(desk))
    assert claimed(desk)


def in_xs_app(asked: str, text: str = "Ya está resuelto, María.") -> messages.Incoming:
    return post(US, text, to=MARIA, conversation=asked, answers=asked, minutes=2)


def test_it_is_not_sent_past_an_answer_from_xs_own_app(desk: Desk, cast: Cast, asked: str) -> None:
    held = refused(desk, cast.ana)
    arrive(desk, in_xs_app(asked))
    with pytest.raises(StaleDraft, match="in X's own app since"):
        send_again(desk, held, cast.ana)
    send_again(desk, held, cast.ana, seen_message_id=newest(desk))
    assert claimed(desk)


def test_nor_is_a_draft_approved_past_one(desk: Desk, cast: Cast, asked: str) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, all_cases(session)[0], text=WORDS, by=cast.ana)
    arrive(desk, in_xs_app(asked))
    terms: dict[str, Any] = {"by": cast.ana, "library": desk.library, "settings": desk.settings}
    with desk.database.transaction() as session, pytest.raises(StaleDraft, match="in X's own app since"):
        approvals.approve(session, replies.find(session, 1), **terms)
    with desk.database.transaction() as session:
        drafts.write(session, all_cases(session)[0], text=f"{WORDS} Y mañana más.", by=cast.ana)
        approvals.approve(session, replies.find(session, 1), **terms)


def test_nor_does_an_approved_reply_leave_past_one(desk: Desk, cast: Cast, asked: str) -> None:
    reply_id = approved(desk, cast.ana)
    arrive(desk, in_xs_app(asked))
    assert claimed(desk) is None
    reply = reply_of(desk, reply_id)
    assert (reply.state, reply.remedy) == (State.HELD, Remedy.RETRY)
    assert "in X's own app since" in (reply.trouble or "")


def test_nor_past_the_words_of_a_held_one_that_somebody_gave_there(
    desk: Desk, cast: Cast, asked: str
) -> None:
    refused(desk, cast.ana)
    second = approved(desk, cast.ben, "Y otra cosa.")
    arrive(desk, in_xs_app(asked, WORDS))
    assert claimed(desk) is None
    assert reply_of(desk, second).state == State.HELD


def test_what_left_from_this_desk_is_no_answer_from_xs_own_app(desk: Desk, cast: Cast, asked: str) -> None:
    """Also when X tells of it before the desk does."""
    approved(desk, cast.ana)
    outgoing = claimed(desk)
    assert outgoing
    (x_id,) = arrive(desk, in_xs_app(asked, outgoing.text))
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=clock.now())
    second = approved(desk, cast.ben, "Y otra cosa.")
    assert claimed(desk)
    assert reply_of(desk, second).state == State.SENDING


def test_a_post_that_was_edited_is_read_before_it_is_answered_again(
    desk: Desk, cast: Cast, asked: str
) -> None:
    held = refused(desk, cast.ana)
    with desk.database.transaction() as session:
        session.exec(select(Message)).one().x_id = "1999999999999999999"
    with pytest.raises(StaleDraft, match="edited the post since"):
        send_again(desk, held, cast.ana)
    with pytest.raises(StaleDraft):
        send_again(desk, held, cast.ana, seen_x_id=asked)
    send_again(desk, held, cast.ana, seen_x_id="1999999999999999999")
    assert reply_of(desk, held).state == State.APPROVED


def test_who_has_opted_out_is_sent_nothing_again(desk: Desk, cast: Cast, asked: str) -> None:
    held = refused(desk, cast.ana)
    opt_out(desk)
    for by in (cast.ana, cast.sofia):
        with pytest.raises(Guarded, match=r"hear nothing more from us.*edit it as a new draft"):
            send_again(desk, held, by)
    assert reply_of(desk, held).state == State.HELD
    opt_out(desk, into=True)
    send_again(desk, held, cast.ana)


def gone(desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        vanishing.take_out(session, session.exec(select(Message.id)).first() or 0, Gone.DELETED)


def in_japanese(desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        case, said = all_cases(session)[0], session.exec(select(Message)).first()
        assert said
        corrections.correct_language(session, case, said, "ja", by=cast.ben)


@pytest.mark.parametrize(("change", "kind"), [(gone, "gone"), (in_japanese, "language")])
def test_every_guard_is_asked_again(
    desk: Desk, cast: Cast, asked: str, change: Callable[[Desk, Cast], None], kind: str
) -> None:
    held = refused(desk, cast.ana)
    change(desk, cast)
    with pytest.raises(Guarded) as told:
        send_again(desk, held, cast.sofia)
    assert told.value.kinds == [kind]
    assert reply_of(desk, held).state == State.HELD


def test_what_a_colleague_confirmed_for_these_words_need_not_be_confirmed_again(
    desk: Desk, cast: Cast, asked: str
) -> None:
    held = refused(desk, cast.ana, IN_ENGLISH, overrides=["language"])
    send_again(desk, held, cast.ben)
    assert claimed(desk)


def test_what_a_supervisor_set_aside_only_one_sends_again(desk: Desk, cast: Cast, asked: str) -> None:
    aside = {"overrides": ["personal_data"], "reason": "It is our own number."}
    held = refused(desk, cast.ana, PHONE, cast.sofia, **aside)
    with pytest.raises(Guarded, match="Phone number"):
        send_again(desk, held, cast.ana)
    send_again(desk, held, cast.sofia)
    assert claimed(desk)


def test_where_a_second_person_approves_only_one_who_may_sends_it_again(
    desk: Desk, cast: Cast, asked: str, make_settings: Callable[..., Settings]
) -> None:
    rule = {"role": "agent", "channel": "public", "words": "free", "needs": "supervisor"}
    four_eyes = make_settings(approvals={"rules": [rule]})
    held = refused(desk, cast.ana, WORDS, cast.sofia)
    terms: dict[str, Any] = {"library": desk.library, "settings": four_eyes}
    with (
        desk.database.transaction() as session,
        pytest.raises(BadInput, match="A supervisor has to approve this reply"),
    ):
        again.send(session, replies.find(session, held), by=cast.ana, **terms)
    with desk.database.transaction() as session:
        again.send(session, replies.find(session, held), by=cast.sofia, **terms)


def test_the_rest_of_a_thread_may_follow_though_the_answered_post_is_gone(
    desk: Desk, cast: Cast, asked: str
) -> None:
    """It answers the part before."""
    thread = approved(desk, cast.ana, LONG)
    leaves(desk)
    outgoing = claimed(desk)
    assert outgoing and outgoing.number == 2
    with desk.database.transaction() as session:
        outbox.held(session, outgoing, why="X said no.")
    gone(desk, cast)
    send_again(desk, thread, cast.ana)
    assert claimed(desk)


def test_whoever_opts_out_before_a_reply_has_left_is_not_sent_it(desk: Desk, cast: Cast, asked: str) -> None:
    reply_id = approved(desk, cast.ana)
    opt_out(desk)
    assert claimed(desk) is None

    reply = reply_of(desk, reply_id)
    assert (reply.state, reply.remedy, reply.attempts) == (State.HELD, Remedy.EDIT, 0)
    assert (reply.trouble or "").startswith("The customer has asked to hear nothing more from us.")
    assert the_case(desk).failed_since


def test_nor_is_the_rest_of_a_thread(desk: Desk, cast: Cast, asked: str) -> None:
    thread = approved(desk, cast.ana, LONG)
    leaves(desk)
    opt_out(desk)
    assert claimed(desk) is None
    assert reply_of(desk, thread).state == State.HELD


def test_what_a_supervisor_sends_him_all_the_same_leaves(desk: Desk, cast: Cast, asked: str) -> None:
    opt_out(desk)
    aside = {"overrides": ["opted_out"], "reason": "He asked for this invoice."}
    reply_id = approved(desk, cast.ana, WORDS, cast.sofia, **aside)
    outgoing = claimed(desk)
    assert outgoing and outgoing.reply_id == reply_id


def test_it_does_not_when_he_says_so_once_more(desk: Desk, cast: Cast, asked: str) -> None:
    opt_out(desk)
    aside = {"overrides": ["opted_out"], "reason": "He asked for this invoice."}
    reply_id = approved(desk, cast.ana, WORDS, cast.sofia, **aside)
    opt_out(desk, into=True)
    opt_out(desk)
    assert claimed(desk) is None
    with pytest.raises(Guarded, match="hear nothing more from us"):
        send_again(desk, reply_id, cast.sofia)


def test_nothing_automated_leaves_for_him_and_the_rules_take_it_back(
    desk: Desk, cast: Cast, asked: str
) -> None:
    reply_id = approved(desk, cast.sofia)
    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        reply.automated, reply.by_rule = True, "first_word"
    opt_out(desk)
    assert claimed(desk) is None
    running.hear(desk.database, read(CHECKOUT / "replies" / "optout.toml"))
    assert reply_of(desk, reply_id).state == State.CANCELLED


def test_who_was_erased_is_not_written_to(desk: Desk, cast: Cast, asked: str) -> None:
    reply_id = approved(desk, cast.ana)
    with desk.database.transaction() as session:
        customer = session.exec(select(Customer).where(Customer.x_id == MARIA)).one()
        customers.hold(session, customer.id or 0).x_id = tombstones.shell(customer.id or 0)
    assert claimed(desk) is None
    assert (reply_of(desk, reply_id).state, reply_of(desk, reply_id).trouble) == (State.HELD, guards.ERASED)


def test_the_same_words_are_not_sent_again_when_they_went_meanwhile(
    desk: Desk, cast: Cast, asked: str
) -> None:
    held = refused(desk, cast.ana)
    other = approved(desk, cast.ben)
    leaves(desk)
    with pytest.raises(AlreadyDone, match="These very words"):
        send_again(desk, held, cast.ana, seen_reply_id=other)
