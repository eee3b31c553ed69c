"""Words that come when their author was signed out meanwhile: nothing is sent, and nothing is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.replies import Reply
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor
from tests.console.forms import composer

Browser = Callable[[], TestClient]
WORDS = 'Lo sentimos, <María>: lo miramos "ahora".'


@pytest.fixture
def refused(ana: TestClient, maria: Case) -> str:
    """What Ana reads when she sends her words after the session has ended."""
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": WORDS, "approve": "true"}
    ana.post("/sign-out")
    answer = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert answer.status_code == 401
    return answer.text


def carried(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in fields}


def test_the_words_are_in_the_composer_again_after_signing_in(
    ana: TestClient, maria: Case, refused: str, database: Database
) -> None:
    assert "You were signed out, and nothing was sent." in refused
    answer = ana.post("/sign-in", data=carried(refused) | {"username": "ana", "password": PASSWORD})
    assert answer.headers["location"] == f"/cases/{maria.id}"
    page = ana.get(f"/cases/{maria.id}")
    assert composer(page)["text"] == WORDS
    assert "Kept for you alone until you save it." in page.text
    with database.reading() as session:
        assert session.exec(select(Reply)).all() == []


def test_a_wrong_password_on_the_way_loses_nothing(ana: TestClient, maria: Case, refused: str) -> None:
    wrong = ana.post("/sign-in", data=carried(refused) | {"username": "ana", "password": "not that one"})
    assert wrong.status_code == 422
    ana.post("/sign-in", data=carried(wrong.text) | {"username": "ana", "password": PASSWORD})
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == WORDS


def test_whoever_else_signs_in_there_does_not_get_them(ana: TestClient, maria: Case, refused: str) -> None:
    ana.post("/sign-in", data=carried(refused) | {"username": "ben", "password": PASSWORD})
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == ""


def test_other_words_that_were_kept_there_stay_above_them(
    ana: TestClient, signed_in: Visitor, maria: Case, refused: str
) -> None:
    elsewhere = signed_in("ana")
    form = composer(elsewhere.get(f"/cases/{maria.id}")) | {"text": "Otra cosa", "keep": "true"}
    elsewhere.post(f"/cases/{maria.id}/replies", data=form)
    ana.post("/sign-in", data=carried(refused) | {"username": "ana", "password": PASSWORD})
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == f"Otra cosa\n\n{WORDS}"


@pytest.mark.parametrize("place", ["notes", "notes/1/editing"])
def test_a_notes_words_are_before_their_author_again(ana: TestClient, maria: Case, place: str) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Thursday"})
    refused = without_a_session(ana, maria, place)
    wrong = ana.post("/sign-in", data=carried(refused) | {"username": "ana", "password": "not that one"})
    page = ana.post("/sign-in", data=carried(wrong.text) | {"username": "ana", "password": PASSWORD}).text
    assert WORDS in html.unescape(page)
    action = re.search(r'<form class="card again" method="post" action="([^"]+)">', page)
    assert action
    assert action[1] == f"/cases/{maria.id}/{place}"
    assert ana.post(action[1], data={"note": WORDS, **carried(page)}).status_code == 303
    assert WORDS in html.unescape(ana.get(f"/cases/{maria.id}").text)


def test_nobody_else_who_signs_in_there_reads_the_note(ana: TestClient, maria: Case) -> None:
    refused = without_a_session(ana, maria, "notes")
    answer = ana.post("/sign-in", data=carried(refused) | {"username": "ben", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{maria.id}")


def without_a_session(browser: TestClient, case: Case, place: str) -> str:
    """What is read by whoever sends a note after the session has ended."""
    form = carried(browser.get(f"/cases/{case.id}").text.partition('id="note-writer"')[2])
    assert form["writer"]
    browser.post("/sign-out")
    answer = browser.post(f"/cases/{case.id}/{place}", data={"note": WORDS, "writer": form["writer"]})
    assert answer.status_code == 401
    assert "the note was not written" in answer.text
    return answer.text


@pytest.mark.parametrize(
    "written", ["", "{}", "[", '{"case": 1, "writer": 1, "text": "", "as": "public"}', '{"note": 1}']
)
def test_what_no_page_of_ours_has_written_is_passed_over(visitor: Browser, cast: Cast, written: str) -> None:
    assert cast
    form = {"username": "ana", "password": PASSWORD, "next": "/queue", "carried": written}
    assert visitor().post("/sign-in", data=form).headers["location"] == "/queue"


def test_another_site_cannot_have_its_words_shown_there(visitor: Browser, maria: Case) -> None:
    form = {"text": WORDS, "as": "public", "writer": "1", "seen": "1"}
    foreign = visitor().post(
        f"/cases/{maria.id}/replies", data=form, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert "lo miramos" not in foreign.text


def test_what_else_is_done_in_a_case_leads_back_to_it(visitor: Browser, maria: Case) -> None:
    answer = visitor().post(f"/cases/{maria.id}/resolution")
    assert answer.headers["location"] == f"/sign-in?next=%2Fcases%2F{maria.id}"


@pytest.mark.parametrize("what", ["replies", "snoozing", "merging", "notes/7/editing"])
def test_the_address_that_a_refused_form_leaves_leads_to_the_case(
    ana: TestClient, maria: Case, what: str
) -> None:
    answer = ana.get(f"/cases/{maria.id}/{what}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{maria.id}")
