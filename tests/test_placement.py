"""Which case a message belongs to."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlmodel import select

from socialdesk import cases
from socialdesk.cases import Status
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.placing import linked
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, NOON, US, all_cases, arrive, direct_message, post


def test_a_customer_in_one_conversation_has_one_case(desk: Desk) -> None:
    first = post(MARIA)
    arrive(desk, first)
    arrive(desk, post(MARIA, "Y nadie contesta.", conversation=first.x_id, answers=first.x_id, minutes=2))

    with desk.database.reading() as session:
        assert len(all_cases(session)) == 1


def test_a_bystander_in_the_thread_has_a_linked_case_of_his_own(desk: Desk) -> None:
    question = post(MARIA)
    arrive(desk, question, post(KENJI, "同じ問題があります。", conversation=question.x_id, minutes=1))

    with desk.database.reading() as session:
        of_maria, of_kenji = all_cases(session)
        assert of_maria.customer_id != of_kenji.customer_id
        assert linked.ids(session, of_maria) == [of_kenji.id]
        assert linked.ids(session, of_kenji) == [of_maria.id]


def test_many_customers_under_one_post_of_ours_are_many_cases(desk: Desk) -> None:
    campaign = post(US, "Free delivery all weekend.")
    answers = [
        post(str(3000 + n), "Nice, thank you for this.", conversation=campaign.x_id) for n in range(250)
    ]
    arrive(desk, campaign, *answers)

    with desk.database.reading() as session:
        found = all_cases(session)
        assert len(found) == 250
        assert len(linked.ids(session, found[0])) == 20


def test_our_own_posts_never_open_a_case(desk: Desk) -> None:
    assert arrive(desk, post(US, "We are back."), post(US, "Hello there.", to=MARIA)) == []

    with desk.database.reading() as session:
        assert all_cases(session) == []


def test_our_own_words_from_the_app_join_the_case_they_answer(desk: Desk) -> None:
    question = post(MARIA)
    arrive(desk, question)
    arrive(desk, post(US, "Lo miramos ahora mismo.", to=MARIA, conversation=question.x_id, minutes=7))

    with desk.database.reading() as session:
        (case,) = all_cases(session)
        assert case.status == Status.ANSWERED
        assert case.waiting_since is None
        assert case.first_response_at == NOON + timedelta(minutes=7)


def test_what_was_written_before_the_question_is_no_answer_to_it(desk: Desk) -> None:
    question = post(MARIA, minutes=10)
    arrive(desk, question)
    arrive(desk, post(US, "Buenos días a todos.", to=MARIA, conversation=question.x_id, minutes=1))

    with desk.database.reading() as session:
        (case,) = all_cases(session)
        assert (case.status, case.first_response_at) == (Status.WAITING, None)


def test_a_direct_message_joins_the_case_the_customer_has_open(desk: Desk) -> None:
    arrive(desk, post(MARIA), direct_message(MARIA, "Mi número de pedido va por aquí.", minutes=4))

    with desk.database.reading() as session:
        (case,) = all_cases(session)
        visibilities = session.exec(select(Message.visibility).order_by(Message.x_id)).all()
        assert (case.visibility, list(visibilities)) == ("private", ["public", "private"])


def test_a_direct_message_without_an_open_case_opens_one(desk: Desk) -> None:
    arrive(desk, direct_message(KENJI))
    arrive(desk, direct_message(KENJI, "お願いします。", minutes=1))

    with desk.database.reading() as session:
        (case,) = all_cases(session)
        assert case.conversation_id is None


def test_a_customer_who_comes_back_soon_reopens_the_case(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question)
    _resolve(desk, cast)
    arrive(desk, post(MARIA, "Sigue sin llegar.", conversation=question.x_id, minutes=60 * 24 * 3))

    with desk.database.reading() as session:
        (case,) = all_cases(session)
        assert (case.status, case.resolved_at) == (Status.WAITING, None)
        assert [event.kind for event in cases.events(session, case.id or 0)][-1] == "reopened"


def test_a_customer_who_comes_back_late_gets_a_linked_follow_up_case(desk: Desk, cast: Cast) -> None:
    arrive(desk, direct_message(KENJI))
    _resolve(desk, cast)
    arrive(desk, direct_message(KENJI, "また同じ問題です。", minutes=60 * 24 * 30))

    with desk.database.reading() as session:
        old, new = all_cases(session)
        assert (old.status, new.status, new.follows_id) == (Status.RESOLVED, Status.WAITING, old.id)
        assert linked.ids(session, old) == [new.id]
        assert linked.ids(session, new) == [old.id]


def test_people_are_met_once(desk: Desk) -> None:
    arrive(desk, post(MARIA), post(MARIA), direct_message(KENJI))

    with desk.database.reading() as session:
        assert sorted(session.exec(select(Customer.x_id))) == [MARIA, KENJI]


def _resolve(desk: Desk, cast: Cast) -> None:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False), desk.database.transaction() as session:
        cases.hold(session, all_cases(session)[0].id or 0).resolve(by=cast.ana)
