"""What cases are about: told by the customers' words as they come in, and by agents for good."""

from __future__ import annotations

import pytest
from sqlmodel import select

from socialdesk.cases import Case, Status
from socialdesk.casework import sorting
from socialdesk.casework.sorting import TopicCorrection
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.figures import accuracy
from socialdesk.figures.accuracy import Accuracy, Measured
from socialdesk.people.agents import Agent
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, US, all_cases, arrive, direct_message, post

LATE = "¿Dónde está mi paquete? Lo espero desde el lunes."
NO_TOPIC = "¿Hola? ¿Hay alguien que pueda ayudarme?"
REFUND = "Quiero devolver los zapatos y que me devuelvan el dinero: el reembolso no llega."
IN_PASSING = "El repartidor fue amable con mi reembolso."


def first(desk: Desk) -> Case:
    with desk.database.reading() as session:
        return all_cases(session)[0]


def say(desk: Desk, *texts: str) -> Case:
    """Maria writes these one after the other in one conversation."""
    for minutes, text in enumerate(texts):
        arrive(desk, post(MARIA, text, minutes=minutes, conversation="77"))
    return first(desk)


def correct(desk: Desk, topic: str, by: Agent, number: int = 0) -> None:
    with desk.database.transaction() as session:
        sorting.correct_topic(session, all_cases(session)[number], topic, by=by)


def measured(desk: Desk) -> Measured:
    with desk.database.reading() as session:
        return accuracy.measure_topics(session)


def test_the_words_that_decided_are_kept_with_the_topic(desk: Desk) -> None:
    case = say(desk, LATE)
    assert (case.topic, case.topic_by_agent) == ("orders_and_delivery", False)
    assert sorting.words(case) == ["Dónde está mi", "paquete"]
    assert case.topic_score


def test_what_tells_nothing_is_other_until_something_does(desk: Desk) -> None:
    case = say(desk, NO_TOPIC)
    assert (case.topic, case.topic_score, sorting.words(case)) == ("other", 0, [])
    assert say(desk, NO_TOPIC, LATE).topic == "orders_and_delivery"


def test_what_is_said_in_passing_does_not_change_the_topic(desk: Desk) -> None:
    assert say(desk, LATE, IN_PASSING).topic == "orders_and_delivery"


def test_what_weighs_twice_as_much_changes_it(desk: Desk) -> None:
    case = say(
        desk, IN_PASSING, "Mi tarjeta regalo no funciona: ¿dónde activo el código de la tarjeta regalo?"
    )
    assert case.topic == "returns_and_refunds"
    case = say(desk, "Gracias por el paquete", REFUND)
    assert case.topic == "returns_and_refunds"
    assert "reembolso" in sorting.words(case)


def test_direct_messages_tell_topics_and_our_own_words_do_not(desk: Desk) -> None:
    arrive(desk, direct_message(KENJI))
    assert first(desk).topic == "account"
    arrive(desk, direct_message(US, "ギフト券の残高、返金、返品、返金の手続き", to=KENJI, minutes=3))
    assert first(desk).topic == "account"


def test_a_long_list_of_words_is_cut(desk: Desk) -> None:
    case = say(desk, "paquete, pedido, entrega, envío, repartidor, mensajero, seguimiento, dirección")
    assert len(sorting.words(case)) == 5


def test_an_agents_word_stands_for_ever(desk: Desk, cast: Cast) -> None:
    say(desk, LATE)
    correct(desk, "payment", cast.ana)
    case = say(desk, LATE, REFUND, REFUND)
    assert (case.topic, case.topic_by_agent, sorting.words(case)) == ("payment", True, [])


@pytest.mark.parametrize("topic", ["", "weather", "Payment"])
def test_only_the_desks_topics_can_be_set(desk: Desk, cast: Cast, topic: str) -> None:
    say(desk, LATE)
    with pytest.raises(BadInput, match="none of the desk's topics"):
        correct(desk, topic, cast.ana)


def test_what_is_set_already_is_said_to_be(desk: Desk, cast: Cast) -> None:
    say(desk, LATE)
    with pytest.raises(AlreadyDone, match="The topic is Orders and delivery already"):
        correct(desk, "orders_and_delivery", cast.ana)


def test_a_case_has_one_correction_however_often_minds_change(desk: Desk, cast: Cast) -> None:
    say(desk, LATE)
    correct(desk, "payment", cast.ana)
    correct(desk, "account", cast.ben)
    with desk.database.reading() as session:
        kept = session.exec(select(TopicCorrection)).one()
    assert (kept.told, kept.corrected, kept.agent_id) == ("orders_and_delivery", "account", cast.ben.id)
    assert kept.score == first(desk).topic_score
    correct(desk, "orders_and_delivery", cast.ana)
    with desk.database.reading() as session:
        assert session.exec(select(TopicCorrection)).all() == []


def test_corrections_measure_the_words(desk: Desk, cast: Cast) -> None:
    for number in range(3):
        arrive(desk, post(f"300{number}", LATE))
    arrive(desk, direct_message(KENJI))
    assert measured(desk).lines == []
    correct(desk, "payment", cast.ana, 0)
    with desk.database.transaction() as session:
        all_cases(session)[1].assign(cast.ben, by=cast.ben)
    found = measured(desk)
    assert found.lines == [Accuracy("orders_and_delivery", seen=2, corrected=1)]
    assert found.of("orders_and_delivery").right == 0.5
    assert found.corrections == {("orders_and_delivery", "payment"): 1}
    assert (found.taken_for, found.truly) == (["orders_and_delivery"], ["payment"])


def test_a_topic_that_nobody_had_told_measures_nothing(desk: Desk, cast: Cast) -> None:
    say(desk, LATE)
    with desk.database.transaction() as session:  # as a case of an older version is
        case = all_cases(session)[0]
        case.topic = case.topic_score = case.topic_words = None
    correct(desk, "payment", cast.ana)
    assert first(desk).topic == "payment"
    assert measured(desk) == Measured([], {}, measured(desk).order)


def test_a_topic_has_its_own_queue(desk: Desk, cast: Cast) -> None:
    arrive(desk, post("3001", LATE, minutes=2), post("3002", REFUND), post("3003", LATE, minutes=1))
    with desk.database.reading() as session:
        rows = queues.page(session, Status.WAITING, topic="orders_and_delivery").rows
        following = queues.next_free(session, rows[0][0], Status.WAITING, topic="orders_and_delivery")
        nothing = queues.page(session, Status.WAITING, topic="orders_and_delivery", language="ja").rows
    assert [customer.x_id for _, customer in rows] == ["3003", "3001"]
    assert following
    assert following.id == rows[1][0].id
    assert nothing == []
