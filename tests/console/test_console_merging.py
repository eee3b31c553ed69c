"""Merging and splitting cases from their pages, and undoing both."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from socialdesk import cases, messages, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.replying import drafts, outbox
from tests.conftest import Cast
from tests.console.conftest import Town
from tests.console.test_console_queue import rows
from tests.stories import arrive, post

SPLIT = "Split from here"
INVOICE = "Otra cosa: necesito una factura."


def act(browser: TestClient, address: str, **form: object) -> str:
    """The page that follows."""
    answer = browser.post(address, data=form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def undo(browser: TestClient, page: str) -> str:
    """The page after a click on the flash's button."""
    found = re.search(r'action="([^"]+)">(?:<input[^>]*>)?<button[^>]*>Undo</button>', page)
    assert found, page
    return act(browser, found[1])


def last_message(session: Session) -> Message:
    return session.exec(select(Message).order_by(col(Message.id).desc()).limit(1)).one()


@pytest.fixture
def invoice(town: Town, desk: Desk, maria: Case) -> int:
    """Maria's second message in the same case."""
    town.writes("101", INVOICE, minutes_ago=5)
    with desk.database.reading() as session:
        return last_message(session).id or 0


@pytest.fixture
def other(town: Town, desk: Desk, maria: Case) -> int:
    """Maria's other case."""
    arrive(desk, post("101", INVOICE, minutes=-15))
    with desk.database.reading() as session:
        return last_message(session).case_id


def test_a_case_is_split_at_a_message_and_the_history_tells_it(
    ana: TestClient, desk: Desk, maria: Case, invoice: int
) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    assert page.count(SPLIT) == 1
    page = act(ana, f"/cases/{maria.id}/splitting", message=invoice)
    assert "Split: this is a case of its own now." in page
    assert f"Ana Horvat split this case from case {maria.id}" in page
    assert INVOICE in page
    assert page.count('class="words theirs') == 1
    with desk.database.reading() as session:
        new = last_message(session).case_id
    old = ana.get(f"/cases/{maria.id}").text
    assert f"Ana Horvat split this case: the rest is in case {new}" in old
    assert f'href="/cases/{new}"' in old
    assert rows(ana.get("/queue").text) == [maria.id, new]

    page = undo(ana, page)
    assert "The split is undone: everything is in this case again." in page
    assert f'href="/cases/{new}"' not in ana.get("/search?q=maria").text
    assert f'href="/cases/{new}"' not in ana.get(f"/customers/{maria.customer_id}").text
    assert INVOICE in page
    assert f"Ana Horvat merged case {new} into this one" in page
    assert rows(ana.get("/queue").text) == [maria.id]


def test_cases_of_one_customer_are_merged_and_parted_again(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case, other: int
) -> None:
    page = ana.get(f"/cases/{other}").text
    assert re.findall(r'name="other" value="(\d+)"', page) == [str(maria.id)]
    assert "Merge with…" not in ana.get(f"/cases/{kenji.id}").text
    page = act(ana, f"/cases/{other}/merging", other=maria.id, **{"from": "waiting.es"})
    assert f"<h2>Case {maria.id}</h2>" in page
    assert INVOICE in page
    assert "Merged: everything" in page
    assert rows(ana.get("/queue?language=es").text) == [maria.id]

    sign = ana.get(f"/cases/{other}").text
    assert re.search(rf'Merged into <a href="/cases/{maria.id}">case {maria.id}</a>', sign)
    assert f"Ana Horvat merged this case into case {maria.id}" in sign
    assert "Undo the merge" in sign
    assert 'id="composer"' not in sign
    assert "Resolve" not in re.findall(r"<button[^>]*>([^<]*)</button>", sign)

    page = undo(ana, page)
    assert "The merge is undone: this case has its own again." in page
    assert f"Ana Horvat took this case out of case {maria.id} again" in page
    assert rows(ana.get("/queue?language=es").text) == [maria.id, other]


def test_a_merged_case_is_told_as_merged_beside_the_others(
    ana: TestClient, desk: Desk, maria: Case, other: int
) -> None:
    arrive(desk, post("101", "Y una pregunta más.", minutes=-5))
    with desk.database.reading() as session:
        third = last_message(session).case_id
    act(ana, f"/cases/{other}/merging", other=maria.id)
    beside = {
        case_id: ana.get(f"/cases/{case_id}").text.split('<aside id="aside"')[1].split("</aside>")[0]
        for case_id in (maria.id, third)
    }
    assert "merged into this one, " in beside[maria.id]
    assert f"merged into case {maria.id}, " in beside[third]
    assert ">resolved" not in beside[maria.id] + beside[third]


def test_what_cannot_be_done_is_told_on_the_page(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case, other: int
) -> None:
    assert ana.post(f"/cases/{maria.id}/merging", data={"other": kenji.id}).status_code == 422
    assert ana.post(f"/cases/{maria.id}/merging", data={"other": 99}).status_code == 404
    assert ana.post(f"/cases/{maria.id}/unmerging").status_code == 409
    assert ana.post(f"/cases/{maria.id}/rejoining").status_code == 409
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, other), text="Aquí está.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        assert outbox.claim(session, 1)
    answer = ana.post(f"/cases/{other}/merging", data={"other": maria.id})
    assert answer.status_code == 409
    assert "A reply is on its way to X" in answer.text
    with desk.database.reading() as session:
        first = messages.newest_from_customer(session, maria.id or 0)
        assert first
    answer = ana.post(f"/cases/{maria.id}/splitting", data={"message": first.id})
    assert answer.status_code == 422
    assert "begins with this message" in answer.text


def test_a_split_is_refused_while_nobody_knows_whether_a_reply_is_on_x(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, invoice: int
) -> None:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, maria.id or 0), text="Aquí está.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        assert outbox.claim(session, 1)
    answer = ana.post(f"/cases/{maria.id}/splitting", data={"message": invoice})
    assert answer.status_code == 409
    assert "wait until it is there" in answer.text
    assert INVOICE in answer.text
