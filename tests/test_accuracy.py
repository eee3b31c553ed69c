"""How often the language was right, measured by what agents did with the cases they had before them."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Thread

import pytest
from sqlmodel import select

from socialdesk import cases, clock, replies
from socialdesk.cases import Case
from socialdesk.casework import corrections
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone
from socialdesk.figures import accuracy
from socialdesk.figures.accuracy import Accuracy, Measured
from socialdesk.figures.asking import Asked
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.replying import drafts, outbox
from socialdesk.settings import Sending
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, all_cases, arrive, direct_message, post

SPANISH = "¿Dónde está mi paquete? Lo espero desde el lunes."


def measured(desk: Desk, *, since: datetime | None = None, until: datetime | None = None) -> Measured:
    with desk.database.reading() as session:
        return accuracy.measure(session, Asked(since, until))


def take(desk: Desk, number: int, by: Agent) -> None:
    with desk.database.transaction() as session:
        case: Case = all_cases(session)[number]
        cases.hold(session, case.id or 0).assign(by, by=by)


def correct(desk: Desk, number: int, language: str, by: Agent) -> None:
    with desk.database.transaction() as session:
        case = all_cases(session)[number]
        newest = corrections.newest(session, case.id or 0)
        corrections.correct_language(session, case, newest, language, by=by)


def test_messages_that_no_agent_has_had_before_him_say_nothing(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA), direct_message(KENJI))
    assert measured(desk) == Measured([], {})
    assert measured(desk).of("es").right is None
    assert measured(desk).total.interval is None


def test_an_agent_who_works_on_a_case_has_seen_what_had_come_in_by_then(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA, SPANISH, conversation="1"))
    arrive(desk, direct_message(KENJI))
    take(desk, 0, cast.ana)
    arrive(desk, post(MARIA, "¿Hola? ¿Hay alguien que pueda ayudarme?", minutes=5, conversation="1"))
    assert measured(desk).lines == [Accuracy("es", seen=1)]


def test_what_is_corrected_counts_against_the_language_it_was_taken_for(desk: Desk, cast: Cast) -> None:
    for number in range(4):
        arrive(desk, post(f"300{number}", SPANISH))
        take(desk, number, cast.ana)
    correct(desk, 0, "pt", cast.ana)
    correct(desk, 1, "pt", cast.ben)
    correct(desk, 2, "it", cast.ben)

    found = measured(desk)

    assert found.lines == [Accuracy("es", seen=4, corrected=3)]
    assert found.of("es").right == 0.25
    assert found.corrections == {("es", "pt"): 2, ("es", "it"): 1}
    assert (found.taken_for, found.truly) == (["es"], ["it", "pt"])


def test_correcting_is_having_seen(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA, SPANISH))
    correct(desk, 0, "pt", cast.ana)
    assert measured(desk).lines == [Accuracy("es", seen=1, corrected=1)]


def test_a_correction_taken_back_counts_as_right(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA, SPANISH))
    correct(desk, 0, "pt", cast.ana)
    correct(desk, 0, "es", cast.ben)
    assert measured(desk) == Measured([Accuracy("es", seen=1)], {})


def test_a_reply_that_leaves_later_does_not_vouch_for_what_came_in_between(desk: Desk, cast: Cast) -> None:
    """The desk sends by itself what an agent approved; he has not seen what was written since."""
    arrive(desk, post(PAVEL, "Můj balík ještě nepřišel a čekám už týden", conversation="7"))
    with desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text="Omlouváme se.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
    arrive(desk, post(PAVEL, "Prosím, kdy dostanu zpátky své peníze?", minutes=1, conversation="7"))
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1, Sending(recheck=False))
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=clock.now())
    assert measured(desk).lines == [Accuracy("cs", seen=1)]


def test_what_was_answered_without_the_desk_nobody_has_seen_in_it(desk: Desk) -> None:
    question = post(MARIA, SPANISH)
    arrive(desk, question, post(US, "Lo miramos.", to=MARIA, conversation=question.x_id, minutes=3))
    assert measured(desk).lines == []


def test_a_period_holds_what_was_written_in_it(desk: Desk, cast: Cast) -> None:
    for number, minutes in enumerate((0, 60, 120)):
        arrive(desk, post(f"300{number}", SPANISH, minutes=minutes))
        correct(desk, number, "pt", cast.ana)
    since, until = NOON + timedelta(minutes=60), NOON + timedelta(minutes=120)
    assert measured(desk, since=since).total == Accuracy("all", 2, 2)
    assert measured(desk, since=since, until=until).corrections == {("es", "pt"): 1}


@pytest.mark.parametrize(
    ("seen", "corrected", "low", "high"),
    [(10, 0, 0.722, 1.0), (1, 1, 0.0, 0.793), (100, 5, 0.888, 0.978), (1000, 500, 0.469, 0.531)],
)
def test_the_fewer_were_seen_the_wider_the_range(seen: int, corrected: int, low: float, high: float) -> None:
    """Against published values of Wilson's interval."""
    interval = Accuracy("es", seen, corrected).interval
    assert interval == pytest.approx((low, high), abs=0.001)


def test_agents_who_correct_while_the_customer_writes_on_never_get_in_each_others_way(
    desk: Desk, cast: Cast
) -> None:
    """Whoever is last has the word; what the detector said first is kept through all of it."""
    arrive(desk, post(MARIA, SPANISH, conversation="1"))
    with desk.database.reading() as session:
        first = corrections.newest(session, all_cases(session)[0].id or 0)
    failures: list[BaseException] = []

    def insist(language: str, by: Agent) -> None:
        for _ in range(15):
            try:
                with desk.database.transaction() as session:
                    case = all_cases(session)[0]
                    said = session.get_one(Message, first.id)
                    corrections.correct_language(session, case, said, language, by=by)
            except AlreadyDone:
                pass
            except Exception as error:
                failures.append(error)

    def go_on() -> None:
        for minutes in range(1, 16):
            try:
                arrive(desk, post(MARIA, SPANISH, minutes=minutes, conversation="1"))
            except Exception as error:
                failures.append(error)

    threads = [Thread(target=insist, args=("pt", cast.ana)), Thread(target=insist, args=("it", cast.ben))]
    threads.append(Thread(target=go_on))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    with desk.database.reading() as session:
        row = session.exec(select(LanguageCorrection)).one()
        assert (row.message_id, row.detected) == (first.id, "es")
        assert row.corrected == session.get_one(Message, first.id).language
