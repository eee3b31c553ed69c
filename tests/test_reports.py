"""The language statistics say what happened."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from socialdesk.desk import Desk
from socialdesk.figures import reports
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, arrive, direct_message, post

FIVE = timedelta(minutes=5)


def story(desk: Desk) -> None:
    """Maria waits 10 minutes, Pavel 30 and then 5 in another case, Kenji still waits."""
    for customer, language, starts, waits in (
        (MARIA, "¿Dónde está mi paquete? Lo espero desde el lunes.", 0, 10),
        (PAVEL, "Můj balík ještě nepřišel a čekám už týden", 60, 30),
        (PAVEL, "Prosím, kdy dostanu zpátky své peníze?", 120, 5),
    ):
        question = post(customer, language, minutes=starts)
        answer = post(US, language, to=customer, conversation=question.x_id, minutes=starts + waits)
        arrive(desk, question, answer)
    arrive(desk, direct_message(KENJI, minutes=200))


def test_every_language_has_its_figures(desk: Desk) -> None:
    story(desk)

    with desk.database.reading() as session:
        lines = reports.by_language(session)
    told = [
        (line.language, line.messages, line.elsewhere, line.open_cases, line.waiting_cases) for line in lines
    ]
    assert told == [("cs", 2, 2, 2, 0), ("es", 1, 1, 1, 0), ("ja", 1, 0, 1, 1)]
    czech, spanish, japanese = lines
    assert (czech.median_first_response, czech.ninetieth_first_response) == (FIVE, 6 * FIVE)
    assert (spanish.median_first_response, spanish.unanswered) == (2 * FIVE, 0)
    assert (japanese.unanswered, japanese.responses.few) == (1, True)
    everything = reports.total(lines)
    assert (everything.messages, everything.elsewhere, everything.unanswered) == (4, 3, 1)
    assert everything.median_first_response is None


def test_who_still_waits_counts_with_the_wait_so_far(desk: Desk) -> None:
    story(desk)
    with time_machine.travel(NOON + timedelta(minutes=260)), desk.database.reading() as session:
        (japanese,) = [line for line in reports.by_language(session) if line.language == "ja"]
    assert japanese.median_first_response
    assert japanese.median_first_response // timedelta(minutes=1) == 60


def test_a_period_holds_what_was_written_and_opened_in_it(desk: Desk) -> None:
    story(desk)
    since, until = NOON + timedelta(minutes=60), NOON + timedelta(minutes=120)

    with desk.database.reading() as session:
        (czech, *rest) = reports.by_language(session, since=since, until=until)
    assert (czech.messages, czech.elsewhere, czech.median_first_response) == (1, 1, timedelta(minutes=30))
    assert [(line.messages, line.elsewhere) for line in rest] == [(0, 0), (0, 0)]


def test_without_messages_there_are_no_lines(desk: Desk) -> None:
    with desk.database.reading() as session:
        assert reports.by_language(session) == []
