"""Taking in: each message once, in its language, cleaned, counted."""

from __future__ import annotations

import threading

import pytest
from sqlmodel import select

from socialdesk import cases, counts, intake, messages
from socialdesk.cases import Status
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.messages import Message
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, all_cases, arrive, direct_message, post


def test_a_message_is_stored_once_however_often_it_is_read(desk: Desk) -> None:
    question = post(MARIA)

    assert arrive(desk, question, question) == [question.x_id]
    assert arrive(desk, question) == []

    with desk.database.reading() as session:
        assert [message.x_id for message in session.exec(select(Message))] == [question.x_id]
        assert len(all_cases(session)) == 1


def test_what_another_process_stored_meanwhile_is_left_alone(desk: Desk) -> None:
    question = post(MARIA)
    read = intake.read(desk.database, 1, [question])
    arrive(desk, question)

    with desk.database.transaction() as session:
        assert intake.take_in(session, 1, read, reopen_days=14) == []


def test_a_message_keeps_its_language_and_how_that_is_known(desk: Desk) -> None:
    arrive(desk, post(MARIA), direct_message(KENJI), post(PAVEL, "🙂🙂"))

    with desk.database.reading() as session:
        stored = session.exec(select(Message).order_by(Message.x_id)).all()
    assert [(each.language, each.language_source) for each in stored] == [
        ("es", "detector"),
        ("ja", "script"),
        ("und", "none"),
    ]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("e\u0301te\u0301", "été"),
        ("line\r\nbreak\ttab", "line\nbreak\ttab"),
    ],
)
def test_both_databases_keep_the_same_clean_text(desk: Desk, written: str, kept: str) -> None:
    arrive(desk, post(MARIA, written))

    with desk.database.reading() as session:
        assert session.exec(select(Message.text)).one() == kept


def test_a_text_of_ten_thousand_characters_is_kept_whole_and_shown_short(desk: Desk) -> None:
    arrive(desk, direct_message(MARIA, "palabra " * 1250))

    with desk.database.reading() as session:
        assert len(session.exec(select(Message.text)).one()) == 10_000
        assert len(all_cases(session)[0].excerpt) == cases.EXCERPT


def test_the_kept_counts_are_those_a_recount_finds(desk: Desk) -> None:
    question = post(MARIA)
    arrive(desk, question, direct_message(KENJI), post(PAVEL, "Kde je můj balík? Čekám už týden."))
    arrive(desk, post(US, "Ya lo miramos.", to=MARIA, conversation=question.x_id, minutes=5))

    with desk.database.transaction() as session:
        assert counts.by_status_and_language(session) == {
            (Status.ANSWERED, "es"): 1,
            (Status.WAITING, "ja"): 1,
            (Status.WAITING, "cs"): 1,
        }
        assert counts.rebuild(session)
    with desk.database.reading() as session:
        assert sum(counts.by_status_and_language(session).values()) == 3


def test_what_is_rolled_back_is_not_counted(desk: Desk) -> None:
    read = intake.read(desk.database, 1, [post(MARIA)])
    with pytest.raises(ZeroDivisionError), desk.database.transaction() as session:
        intake.take_in(session, 1, read, reopen_days=14)
        _ = 1 / 0

    with desk.database.reading() as session:
        assert counts.by_status_and_language(session) == {}
        assert all_cases(session) == []


def test_processes_that_meet_the_same_people_at_once_wait_for_each_other(desk: Desk) -> None:
    people = [str(7000 + n) for n in range(40)]
    failures: list[Exception] = []

    def take_in(order: list[str]) -> None:
        for x_id in order:
            try:
                arrive(desk, post(x_id), direct_message(x_id, "Hola, ¿me ayudan con mi cuenta?"))
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=take_in, args=(order,)) for order in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    with desk.database.reading() as session:
        assert len(session.exec(select(Message)).all()) == 4 * len(people)


def test_every_change_to_a_case_is_on_its_history(desk: Desk) -> None:
    question = post(MARIA)
    arrive(desk, question)
    arrive(desk, post(MARIA, "¿Hola? ¿Hay alguien?", conversation=question.x_id, minutes=3))

    with desk.database.reading() as session:
        case = all_cases(session)[0]
        history = cases.events(session, case.id or 0)
        assert [event.kind for event in history] == ["opened", "customer_wrote"]
        assert history[0].details == {"message": question.x_id}
        assert case.waiting_since == NOON
        assert len(messages.of_case(session, case.id or 0)) == 2


def test_moments_come_back_aware_from_both_databases(desk: Desk, database: Database) -> None:
    arrive(desk, post(MARIA))

    with database.reading() as session:
        assert session.exec(select(Message.sent_at)).one() == NOON
