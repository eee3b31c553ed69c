"""Putting a language right from a case's page, and what comes of it."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from socialdesk import messages
from socialdesk.cases import Case
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Message
from tests.console.conftest import Town, Visitor


def newest(session: Session, case: Case) -> Message:
    message = messages.newest_from_customer(session, case.id or 0)
    assert message
    return message


def guessed(
    desk: Desk, case: Case, *, confidence: float, runner_up: str | None = None, mixed: bool = False
) -> None:
    """The detector was so sure of the customer's last words."""
    with desk.database.transaction() as session:
        message = newest(session, case)
        message.confidence, message.runner_up, message.mixed = confidence, runner_up, mixed
        session.get_one(Case, case.id).language_sure = confidence >= 0.8


def kept(desk: Desk) -> list[tuple[str, str, float]]:
    with desk.database.reading() as session:
        rows = session.exec(select(LanguageCorrection)).all()
    return [(row.detected, row.corrected, row.confidence) for row in rows]


def correct(browser: TestClient, case: Case, language: str, **more: object) -> str:
    """The page that follows."""
    answer = browser.post(f"/cases/{case.id}/language", data={"language": language, **more})
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_a_corrected_language_is_told_remembered_and_followed(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    guessed(desk, maria, confidence=0.61, runner_up="pt")
    page = correct(ana, maria, "pt")
    assert "Language set to Portuguese." in page
    assert "Ana Horvat corrected the language from Spanish to Portuguese" in page
    assert 'aria-label="Reply templates in Portuguese"' in page
    assert "Portuguese, set by an agent" in page
    with desk.database.reading() as session:
        case, message = session.get_one(Case, maria.id), newest(session, maria)
        assert (case.language, case.language_sure) == ("pt", True)
        assert (message.language, message.language_source) == ("pt", "agent")
        assert (message.confidence, message.runner_up) == (1.0, None)
        assert session.get_one(Customer, maria.customer_id).language == "pt"
    assert kept(desk) == [("es", "pt", 0.61)]


def test_a_second_correction_keeps_what_the_detector_said(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    guessed(desk, maria, confidence=0.61)
    correct(signed_in("ana"), maria, "pt")
    correct(signed_in("ben"), maria, "it")
    assert kept(desk) == [("es", "it", 0.61)]


def test_correcting_back_leaves_no_correction(ana: TestClient, desk: Desk, maria: Case) -> None:
    correct(ana, maria, "pt")
    assert "from Portuguese to Spanish" in correct(ana, maria, "es")
    assert kept(desk) == []


def test_only_the_chosen_message_changes(ana: TestClient, desk: Desk, town: Town, maria: Case) -> None:
    with desk.database.reading() as session:
        first = newest(session, maria).id
    town.writes("101", "¿Hola? ¿Hay alguien que pueda ayudarme?", minutes_ago=5)
    correct(ana, maria, "pt", message=first)
    with desk.database.reading() as session:
        assert [each.language for each in messages.of_case(session, maria.id or 0)] == ["pt", "es"]
        assert session.get_one(Case, maria.id).language == "pt"


def test_what_is_set_already_is_said_to_be(ana: TestClient, desk: Desk, maria: Case) -> None:
    answer = ana.post(f"/cases/{maria.id}/language", data={"language": "es"})
    assert answer.status_code == 409
    assert "The language is Spanish already." in answer.text
    assert kept(desk) == []


@pytest.mark.parametrize("language", ["other", "und"])
def test_neither_other_nor_unknown_is_remembered_of_a_customer(
    ana: TestClient, desk: Desk, maria: Case, language: str
) -> None:
    correct(ana, maria, language)
    with desk.database.reading() as session:
        assert session.get_one(Case, maria.id).language == language
        assert session.get_one(Customer, maria.customer_id).language is None
    assert [row[:2] for row in kept(desk)] == [("es", language)]


@pytest.mark.parametrize("language", ["xx", "da", "", "es-MX"])
def test_no_other_language_can_be_set(ana: TestClient, desk: Desk, maria: Case, language: str) -> None:
    answer = ana.post(f"/cases/{maria.id}/language", data={"language": language})
    assert answer.status_code in (400, 422)
    assert kept(desk) == []


def test_a_message_of_another_case_is_not_found(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    with desk.database.reading() as session:
        his = newest(session, kenji).id
    answer = ana.post(f"/cases/{maria.id}/language", data={"language": "pt", "message": his})
    assert answer.status_code == 404
    assert ana.post("/cases/99/language", data={"language": "pt"}).status_code == 404


def test_a_guess_is_questioned_wherever_it_is_shown(ana: TestClient, desk: Desk, maria: Case) -> None:
    assert "Spanish?" not in ana.get("/queue").text
    guessed(desk, maria, confidence=0.61, runner_up="pt")
    assert ">Spanish?</span>" in ana.get("/queue").text
    page = ana.get(f"/cases/{maria.id}").text
    assert ">Spanish?</span>" in page
    assert "61 % sure, or Portuguese" in page
    assert "Spanish? 61 %" in page


def test_mixed_words_are_told_with_both_languages(ana: TestClient, desk: Desk, maria: Case) -> None:
    guessed(desk, maria, confidence=0.58, runner_up="en", mixed=True)
    page = ana.get(f"/cases/{maria.id}").text
    assert page.count("Spanish and English") == 2


def test_the_second_guess_is_the_first_choice(ana: TestClient, desk: Desk, maria: Case) -> None:
    guessed(desk, maria, confidence=0.61, runner_up="pt")
    page = ana.get(f"/cases/{maria.id}").text
    choices = re.findall(r'name="language" value="(\w+)"', page)
    assert choices[:3] == ["pt", "ar", "cs"]
    assert choices[-2:] == ["other", "und"]
    assert len(choices) == len(set(choices)) == 15
    assert re.search(r'value="pt" autofocus', page)
    assert re.search(r'value="es">Spanish <span class="note">now a guess: confirm', page)


def test_a_guess_can_be_confirmed(ana: TestClient, desk: Desk, maria: Case) -> None:
    guessed(desk, maria, confidence=0.61, runner_up="pt")
    page = correct(ana, maria, "es")
    assert "Spanish is confirmed." in page
    assert "Ana Horvat confirmed that it is Spanish" in page
    assert "Spanish, set by an agent" in page
    assert re.search(r'value="es" disabled', page)
    assert ">Spanish?</span>" not in page
    with desk.database.reading() as session:
        case, message = session.get_one(Case, maria.id), newest(session, maria)
        assert (case.language, case.language_sure) == ("es", True)
        assert (message.language, message.language_source) == ("es", "agent")
        assert (message.confidence, message.runner_up) == (1.0, None)
        assert session.get_one(Customer, maria.customer_id).language == "es"
    assert kept(desk) == []


def test_a_guess_is_confirmed_once(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    guessed(desk, maria, confidence=0.61)
    correct(signed_in("ana"), maria, "es")
    answer = signed_in("ben").post(f"/cases/{maria.id}/language", data={"language": "es"})
    assert answer.status_code == 409
    assert "The language is Spanish already." in answer.text


def test_a_confirmed_guess_counts_as_seen_and_right(
    ana: TestClient, sofia: TestClient, desk: Desk, maria: Case
) -> None:
    guessed(desk, maria, confidence=0.61)
    correct(ana, maria, "es")
    assert re.search(
        r'<th scope="row">Spanish</th><td data-name="Seen">1</td><td data-name="Corrected">0</td>',
        sofia.get("/languages?days=all").text,
    )


def test_languages_beyond_the_thirteen_have_their_names(
    ana: TestClient, desk: Desk, town: Town, maria: Case
) -> None:
    guessed(desk, maria, confidence=0.61, runner_up="da")
    page = ana.get(f"/cases/{maria.id}").text
    assert "61 % sure, or Danish" in page
    assert "second guess: Danish" in page
    anders = town.writes("103", "Hei, pakken min har ikke kommet ennå, kan dere hjelpe meg?")
    assert anders.language == "other"
    assert "Other (Norwegian)" in ana.get(f"/cases/{anders.id}").text


def test_a_guess_at_another_language_is_confirmed_in_words(ana: TestClient, desk: Desk, town: Town) -> None:
    anders = town.writes("103", "Hei, pakken min har ikke kommet ennå, kan dere hjelpe meg?")
    guessed(desk, anders, confidence=0.61)
    page = correct(ana, anders, "other")
    assert "Other is confirmed." in page
    assert "Ana Horvat confirmed that it is another language" in page


def test_supervisors_see_what_was_corrected(
    ana: TestClient, sofia: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    assert "No agent has worked on a case of this period yet" in sofia.get("/languages?days=all").text
    ana.post(f"/cases/{kenji.id}/assignment", data={"to": "me"})
    assert "Agents have corrected none of these languages." in sofia.get("/languages?days=all").text
    correct(ana, maria, "pt")
    page = sofia.get("/languages?days=all").text
    row = r'<th scope="row">{}</th><td data-name="Seen">1</td><td data-name="Corrected">{}</td>'
    assert re.search(row.format("Spanish", 1) + '<td data-name="Right">0 %</td>', page)
    assert re.search(row.format("Japanese", 0) + '<td data-name="Right">100 %</td>', page)
    assert "20–100 %" in page
    assert re.search(
        r"corrected to </span>Portuguese</th>.*<th scope=\"row\">Spanish</th><td>1</td>", page, re.S
    )
