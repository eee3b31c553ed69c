"""The language statistics say what happened."""

from __future__ import annotations

from datetime import timedelta

from socialdesk import reports
from socialdesk.desk import Desk
from socialdesk.reports import LanguageFigures
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, arrive, direct_message, post


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
    assert lines == [
        LanguageFigures("cs", 2, 2, 2, 0, timedelta(minutes=17, seconds=30), 0),
        LanguageFigures("es", 1, 1, 1, 0, timedelta(minutes=10), 0),
        LanguageFigures("ja", 1, 0, 1, 1, None, 1),
    ]
    assert reports.total(lines) == LanguageFigures("all", 4, 3, 4, 1, None, 1)


def test_a_period_holds_what_was_written_and_opened_in_it(desk: Desk) -> None:
    story(desk)
    since, until = NOON + timedelta(minutes=60), NOON + timedelta(minutes=120)

    with desk.database.reading() as session:
        (czech, *rest) = reports.by_language(session, since=since, until=until)
    assert (czech.messages, czech.replies, czech.median_first_response) == (1, 1, timedelta(minutes=30))
    assert [(line.messages, line.replies) for line in rest] == [(0, 0), (0, 0)]


def test_without_messages_there_are_no_lines(desk: Desk) -> None:
    with desk.database.reading() as session:
        assert reports.by_language(session) == []
