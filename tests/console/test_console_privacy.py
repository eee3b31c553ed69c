"""A person's data in the console: exported, or erased in two steps, by admins alone."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from socialdesk import audit, cases, guards, messages, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.guards import Circumstances
from socialdesk.privacy.tombstones import Tombstone
from socialdesk.replies import Reply
from socialdesk.replying import drafts
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Open, Visitor, every_light, every_width
from tests.people import hire


@pytest.fixture
def olga(signed_in: Visitor, database: Database, password_hash: str) -> TestClient:
    """The admin."""
    hire(database, "olga", "admin", password_hash)
    return signed_in("olga")


@pytest.mark.parametrize(
    ("form", "media"), [("json", "application/json"), ("html", "text/html; charset=utf-8")]
)
def test_an_export_is_kept_as_a_file_and_written_down(
    olga: TestClient, desk: Desk, maria: Case, form: str, media: str
) -> None:
    answer = olga.post(f"/customers/{maria.customer_id}/export", data={"form": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    named = f"attachment; filename=\"person-{maria.customer_id}.{form}\"; filename*=UTF-8''maria.{form}"
    assert answer.headers["content-disposition"] == named
    assert "María García" in answer.text
    assert "Mi paquete no ha llegado" in answer.text
    with desk.database.reading() as session:
        entry = audit.newest(session)[0]
    assert (entry.kind, entry.who, entry.details) == ("person_exported", "olga", {"form": form})
    assert "maria" not in f"{entry.subject}{entry.told}"


def test_what_the_person_wrote_runs_nowhere_in_the_page_to_be_read(
    olga: TestClient, town: object, maria: Case, desk: Desk
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Customer, maria.customer_id).name = "<script>alert(1)</script>"
    told = olga.post(f"/customers/{maria.customer_id}/export", data={"form": "html"}).text
    assert "<script" not in told
    assert "&lt;script&gt;" in told


def test_many_exports_in_a_row_have_to_wait(olga: TestClient, maria: Case) -> None:
    address = f"/customers/{maria.customer_id}/export"
    answers = [olga.post(address, data={"form": "json"}) for _ in range(7)]
    assert [each.status_code for each in answers][:6] == [200] * 6
    assert answers[6].status_code == 429
    assert int(answers[6].headers["retry-after"]) >= 0
    assert "many exports in a short time" in answers[6].text


def test_an_export_has_a_form_and_a_customer_there_is(olga: TestClient, maria: Case) -> None:
    assert olga.post(f"/customers/{maria.customer_id}/export", data={"form": "csv"}).status_code == 422
    assert olga.post("/customers/999/export", data={"form": "json"}).status_code == 404
    assert olga.get("/customers/999/erasure").status_code == 404


def test_erasing_says_first_what_will_go(olga: TestClient, maria: Case) -> None:
    page = olga.get(f"/customers/{maria.customer_id}/privacy").text
    assert f'href="/customers/{maria.customer_id}/erasure"' in page
    asked = olga.get(f"/customers/{maria.customer_id}/erasure").text
    assert "The words of one message, with its earlier versions" in asked
    assert "The words of 0 internal notes" in asked
    assert "One case stays, about nobody" in asked


def test_a_person_is_erased_with_the_handle_and_the_password(
    olga: TestClient, desk: Desk, maria: Case
) -> None:
    address = f"/customers/{maria.customer_id}/erasure"
    answer = olga.post(address, data={"typed": "@Maria", "password": PASSWORD})
    assert answer.status_code == 303
    page = olga.get(answer.headers["location"]).text
    assert "Erased on" in page
    assert "<bdi>Olga</bdi>" in page
    assert "Since then 0 posts were turned away." in page
    assert olga.get(address).headers["location"] == f"/customers/{maria.customer_id}/privacy"
    everywhere = (f"/cases/{maria.id}", "/queue", f"/customers/{maria.customer_id}", "/search?q=maria")
    for each in everywhere:
        told = olga.get(each)
        assert told.status_code == 200, each
        assert "García" not in told.text
        assert "paquete" not in told.text
    assert "Erased at this person" in olga.get(f"/cases/{maria.id}").text


@pytest.mark.parametrize(
    ("typed", "password", "sentence"),
    [
        ("kenji", PASSWORD, "That is not this person&#39;s handle"),
        ("", PASSWORD, "That is not this person&#39;s handle"),
        ("maria", "wrong", "That is not your password."),
    ],
)
def test_nobody_is_erased_by_mistake(
    olga: TestClient, desk: Desk, maria: Case, typed: str, password: str, sentence: str
) -> None:
    answer = olga.post(f"/customers/{maria.customer_id}/erasure", data={"typed": typed, "password": password})
    assert answer.status_code == 422
    assert sentence in answer.text
    with desk.database.reading() as session:
        assert session.exec(select(Tombstone)).first() is None


def test_a_reply_on_its_way_is_waited_for(olga: TestClient, desk: Desk, maria: Case, cast: Cast) -> None:
    with desk.database.transaction() as session:
        _approve(session, maria, cast)
    address = f"/customers/{maria.customer_id}/erasure"
    assert "A reply to this person is on its way" in olga.get(address).text
    answer = olga.post(address, data={"typed": "maria", "password": PASSWORD})
    assert answer.status_code == 409
    assert "A reply to this person is on its way" in answer.text


def _approve(session: Session, case: Case, cast: Cast) -> None:
    reply = drafts.write(session, cases.find(session, case.id or 0), text="Lo miramos.", by=cast.ana)
    replies.approve(session, reply, by=cast.ben)


def test_supervisors_neither_export_nor_erase(sofia: TestClient, maria: Case) -> None:
    for method, what in (("GET", "privacy"), ("POST", "export"), ("GET", "erasure"), ("POST", "erasure")):
        assert sofia.request(method, f"/customers/{maria.customer_id}/{what}").status_code == 403


def test_the_pages_fit_every_window(
    open_page: Open, database: Database, password_hash: str, maria: Case
) -> None:
    hire(database, "olga", "admin", password_hash)
    for what in ("privacy", "erasure"):
        page = open_page(f"/customers/{maria.customer_id}/{what}", "olga")
        for _ in every_light(page):
            for width in every_width(page, 320, 1280):
                assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nobody_writes_to_somebody_who_was_erased(
    olga: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    assert cast
    assert 'id="composer"' in olga.get(f"/cases/{maria.id}").text
    olga.post(f"/customers/{maria.customer_id}/erasure", data={"typed": "@maria", "password": PASSWORD})
    page = olga.get(f"/cases/{maria.id}").text
    assert 'id="composer"' not in page
    assert "nothing can be written to them any more" in page
    assert 'id="note-writer"' in page
    for door in ("public", "private"):
        words = {"text": "Lo miramos.", "as": door, "seen": "1", "approve": "true"}
        answer = olga.post(f"/cases/{maria.id}/replies", data=words)
        assert (answer.status_code, "nothing can be written to them" in answer.text) == (422, True)
    with desk.database.reading() as session:
        assert session.exec(select(Reply)).all() == []


def test_what_waits_for_a_person_erased_meanwhile_is_stopped_by_the_guard(desk: Desk, maria: Case) -> None:
    with desk.database.reading() as session:
        (said,) = messages.of_case(session, maria.id or 0)
    around = Circumstances(answered=said, language="es", erased=True)
    found = guards.judge("Lo miramos ahora mismo, María.", "private", around)
    assert [(each.kind, each.severity) for each in found] == [("erased", "blocks")]
