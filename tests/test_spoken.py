"""What is known of a customer before his next words are read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Message
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, PAVEL, US, all_cases, arrive, direct_message, post

PORTUGUESE = "A minha encomenda ainda não chegou, podem verificar?"
SPANISH = "Mi paquete no ha llegado todavía, ¿pueden mirarlo?"
GERMAN = "Mein Paket ist noch nicht da, könnten Sie bitte nachsehen?"


def heard(desk: Desk) -> list[tuple[str, str]]:
    """Each message's language and how that is known, in the order they came in."""
    with desk.database.reading() as session:
        return [
            (each.language, each.language_source)
            for each in session.exec(select(Message).order_by(col(Message.id))).all()
        ]


@pytest.mark.parametrize(("first", "language"), [(PORTUGUESE, "pt"), (SPANISH, "es")])
def test_a_short_answer_follows_the_customer_s_first_case(desk: Desk, first: str, language: str) -> None:
    question = post(MARIA, first)
    arrive(desk, question)
    arrive(desk, post(MARIA, "nada", conversation=question.x_id, minutes=5))

    alone = "es"
    assert heard(desk)[1] == (language, "detectors" if language == alone else "context")
    with desk.database.reading() as session:
        assert [case.language for case in all_cases(session)] == [language]


def test_it_is_known_in_his_next_case_and_in_private(desk: Desk) -> None:
    arrive(desk, post(MARIA, PORTUGUESE))
    arrive(desk, post(MARIA, "nada?", minutes=60))
    arrive(desk, direct_message(MARIA, "pronto", minutes=70))

    assert heard(desk) == [("pt", "detector"), ("pt", "context"), ("pt", "context")]


def test_messages_of_one_batch_know_of_each_other(desk: Desk) -> None:
    question = post(MARIA, PORTUGUESE)
    arrive(desk, question, post(MARIA, "nada", conversation=question.x_id, minutes=5))

    assert heard(desk) == [("pt", "detector"), ("pt", "context")]


def test_one_customer_s_language_says_nothing_of_another(desk: Desk) -> None:
    arrive(desk, post(MARIA, PORTUGUESE), post(PAVEL, "nada"))

    assert ("es", "detectors") in heard(desk)


def test_our_own_words_do_not_count_as_the_customer_s(desk: Desk) -> None:
    question = post(MARIA, "🙂🙂")
    ours = post(US, PORTUGUESE, to=MARIA, conversation=question.x_id, answers=question.x_id, minutes=1)
    arrive(desk, question, ours, post(MARIA, "nada", conversation=question.x_id, minutes=2))

    assert [language for language, _ in heard(desk)] == ["und", "pt", "es"]


def test_a_customer_who_changes_language_is_believed_and_so_is_his_case(desk: Desk) -> None:
    question = post(MARIA, SPANISH)
    arrive(desk, question)
    arrive(desk, post(MARIA, GERMAN, conversation=question.x_id, minutes=5))

    assert heard(desk) == [("es", "detector"), ("de", "detector")]
    with desk.database.reading() as session:
        case = all_cases(session)[0]
        assert (case.language, case.language_sure) == ("de", True)


def test_what_an_agent_said_of_a_customer_is_remembered(desk: Desk, cast: Cast) -> None:
    assert cast
    arrive(desk, post(KENJI, "🙂"))
    with desk.database.transaction() as session:
        session.exec(select(Customer).where(Customer.x_id == KENJI)).one().language = "pt"
    arrive(desk, direct_message(KENJI, "nada", minutes=5), direct_message(PAVEL, "nada", minutes=6))

    assert heard(desk)[1:] == [("pt", "context"), ("es", "detectors")]


def test_x_s_own_language_of_a_post_counts(desk: Desk) -> None:
    arrive(desk, replace(post(MARIA, "nada"), x_language="pt"))

    assert heard(desk) == [("pt", "context")]


def test_what_an_account_mostly_gets_decides_a_little(desk: Desk) -> None:
    arrive(desk, *[post(str(9000 + n), PORTUGUESE) for n in range(150)])
    arrive(desk, post(MARIA, "nada"))

    assert heard(desk)[-1] == ("pt", "context")


def test_emoji_after_clear_words_leave_the_case_in_its_language(desk: Desk) -> None:
    question = post(MARIA, GERMAN)
    arrive(desk, question, post(MARIA, "😡😡", conversation=question.x_id, minutes=5))

    assert heard(desk)[1] == ("und", "none")
    with desk.database.reading() as session:
        assert session.exec(select(Case.language)).one() == "de"
