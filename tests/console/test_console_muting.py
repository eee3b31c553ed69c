"""Blocking a customer and muting a conversation, and lifting both."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from tests.console.conftest import Town
from tests.console.test_console_queue import rows


def act(browser: TestClient, address: str) -> str:
    """The page that follows."""
    answer = browser.post(address)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def the_case(session: Session, case: Case) -> Case:
    return session.get_one(Case, case.id)


@pytest.mark.parametrize(
    ("door", "button", "state", "history", "undo"),
    [
        ("blocking", "Block <bdi>@maria</bdi>", "Blocked by", "blocked the customer", "unblocking"),
        ("muting", "Mute this conversation", "Muted by", "muted the conversation", "unmuting"),
    ],
)
def test_what_is_silenced_says_so_and_can_be_undone(
    ana: TestClient, maria: Case, kenji: Case, door: str, button: str, state: str, history: str, undo: str
) -> None:
    assert button in ana.get(f"/cases/{maria.id}").text
    page = act(ana, f"/cases/{maria.id}/{door}")
    assert re.search(rf"{state} <bdi>Ana Horvat</bdi>", page)
    assert f"Ana Horvat {history}" in page
    assert (
        f'<form method="post" action="/cases/{maria.id}/{undo}">'
        '<button class="quiet" data-key="u" aria-keyshortcuts="u">Undo</button>' in page
    )
    assert rows(ana.get("/queue").text) == [kenji.id]

    page = act(ana, f"/cases/{maria.id}/{undo}")
    assert "is heard again" in page
    assert state not in page
    assert button in page
    assert rows(ana.get("/queue").text) == [maria.id, kenji.id]


def test_a_private_conversation_is_not_muted(ana: TestClient, kenji: Case) -> None:
    assert "Mute this conversation" not in ana.get(f"/cases/{kenji.id}").text
    assert ana.post(f"/cases/{kenji.id}/muting").status_code == 422


@pytest.mark.parametrize("door", ["blocking", "muting"])
def test_the_second_agent_is_told_that_it_is_done(ana: TestClient, maria: Case, door: str) -> None:
    act(ana, f"/cases/{maria.id}/{door}")
    answer = ana.post(f"/cases/{maria.id}/{door}")
    assert answer.status_code == 409
    assert "already" in answer.text
    assert ana.post(f"/cases/99/{door}").status_code == 404


@pytest.mark.parametrize("door", ["unblocking", "unmuting"])
def test_what_is_heard_cannot_be_heard_again(ana: TestClient, maria: Case, door: str) -> None:
    assert ana.post(f"/cases/{maria.id}/{door}").status_code == 409


def test_what_comes_in_meanwhile_is_kept_and_says_why_it_waits_for_nobody(
    ana: TestClient, town: Town, maria: Case
) -> None:
    act(ana, f"/cases/{maria.id}/blocking")
    town.writes("101", "¡Contestad ya!", minutes_ago=2)
    page = ana.get(f"/cases/{maria.id}").text
    assert "¡Contestad ya!" in page
    assert "Kept, and waits for nobody: the customer is blocked" in page
    assert "Closed: the customer was blocked" in page
    assert maria.id not in rows(ana.get("/queue").text)


def test_supervisors_see_and_lift_what_is_silenced(
    ana: TestClient, sofia: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    assert "Nobody is blocked." in sofia.get("/muted").text
    act(ana, f"/cases/{kenji.id}/blocking")
    act(ana, f"/cases/{maria.id}/muting")
    page = sofia.get("/muted").text
    assert "@</bdi>" not in page
    assert "@kenji" in page
    assert page.count("by <bdi>Ana Horvat</bdi>") == 2
    assert f'href="/cases/{maria.id}"' in page
    lifts = re.findall(r'action="(/muted/[^"]+/lifting)"', page)
    assert len(lifts) == 2
    for address in lifts:
        page = act(sofia, address)
    assert "Nobody is blocked." in page
    assert "No conversation is muted." in page
    assert {sofia.post(address).status_code for address in lifts} == {404, 409}
    with desk.database.reading() as session:
        assert the_case(session, maria).status == the_case(session, kenji).status == Status.WAITING
        assert session.get_one(Customer, kenji.customer_id).blocked_at is None


def test_agents_do_not_lift_from_the_list(ana: TestClient, maria: Case) -> None:
    act(ana, f"/cases/{maria.id}/blocking")
    assert 'href="/muted"' not in ana.get("/queue").text
    assert ana.get("/muted").status_code == 403
    assert ana.post(f"/muted/customers/{maria.customer_id}/lifting").status_code == 403


def test_nobody_is_there_to_be_unblocked(sofia: TestClient) -> None:
    assert sofia.post("/muted/customers/999/lifting").status_code == 404
    assert sofia.post("/muted/conversations/999/lifting").status_code == 404
