"""Personal data in public posts: hidden in the console, shown to who asks, and first in the queue."""

from __future__ import annotations

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, messages
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.history import CaseEvent
from tests.console.conftest import Town, Visitor
from tests.console.test_console_queue import rows
from tests.console.test_console_topics import offered

PHONE = "612 34 56 78"
BADGE = "Personal data in public"


@pytest.fixture
def exposed(town: Town, maria: Case) -> Case:
    """After Maria, Lola publishes her number."""
    town.meet("140", "lola_m", "Lola")
    return town.writes("140", f"Mi móvil es {PHONE}, ¿dónde está mi paquete?", minutes_ago=5)


def show(browser: TestClient, case: Case, message: int | None) -> str:
    answer = browser.post(f"/cases/{case.id}/showing", data={"message": message or 0})
    assert answer.status_code == 200, answer.text
    return answer.text


def message_of(desk: Desk, case: Case) -> int | None:
    with desk.database.reading() as session:
        newest = messages.newest_from_customer(session, case.id or 0)
        return newest.id if newest else None


def test_an_exposed_case_comes_first_and_says_why(ana: TestClient, maria: Case, exposed: Case) -> None:
    page = ana.get("/queue").text
    assert rows(page) == [exposed.id, maria.id]
    assert page.count(BADGE) == 1
    assert BADGE in ana.get(f"/cases/{exposed.id}").text
    ana.post(f"/cases/{exposed.id}/resolution")
    assert BADGE not in ana.get(f"/cases/{exposed.id}").text


@pytest.mark.parametrize("address", ["/queue", "/cases/{}", "/search?q=612345678", "/search?q=lola_m"])
def test_the_number_stands_on_no_page(ana: TestClient, exposed: Case, address: str) -> None:
    page = ana.get(address.format(exposed.id)).text.replace(PHONE[-2:], "")
    assert PHONE[:9] not in page


def test_search_finds_it_by_the_number(ana: TestClient, exposed: Case) -> None:
    page = ana.get(f"/search?q={PHONE}").text
    assert f'href="/cases/{exposed.id}#message-' in page
    assert "•••• 78" in page.replace("<mark>", "").replace("</mark>", "")


def test_one_click_shows_it_once_and_is_written_down(
    ana: TestClient, signed_in: Visitor, desk: Desk, exposed: Case
) -> None:
    page = show(ana, exposed, message_of(desk, exposed))
    assert f"Mi móvil es {PHONE}" in page
    assert 'id="thread" class="thread" aria-label="Thread">' in page  # else the next event would hide it
    for browser in (ana, signed_in("ben")):
        after = browser.get(f"/cases/{exposed.id}").text
        assert PHONE not in after
        assert "Ana Horvat looked at what is hidden: Phone number" in after
    with desk.database.reading() as session:
        event = cases.events(session, exposed.id or 0)[-1]
    assert (event.kind, event.details["kinds"]) == ("personal_shown", "phone")
    assert "612" not in event.told.replace(event.details["message"], "")


def test_only_what_is_hidden_can_be_shown(ana: TestClient, desk: Desk, maria: Case, exposed: Case) -> None:
    hers, lolas = message_of(desk, maria), message_of(desk, exposed)
    for case, message in ((maria, hers), (maria, lolas), (exposed, 99)):
        answer = ana.post(f"/cases/{case.id}/showing", data={"message": message})
        assert answer.status_code == 404
    with desk.database.reading() as session:
        told = session.exec(select(CaseEvent).where(CaseEvent.kind == "personal_shown")).all()
    assert told == []


def test_direct_messages_are_not_hidden(ana: TestClient, town: Town) -> None:
    case = town.writes("141", f"Mi móvil es {PHONE}", private=True)
    page = ana.get(f"/cases/{case.id}").text
    assert PHONE in page
    assert BADGE not in page


def test_to_ask_for_its_deletion_is_the_first_proposal(ana: TestClient, maria: Case, exposed: Case) -> None:
    page = ana.get(f"/cases/{exposed.id}").text
    assert offered(page)[:2] == ["please_delete_post", "where_is_my_order"]
    assert offered(ana.get(f"/cases/{maria.id}").text)[0] == "where_is_my_order"
    chosen = ana.get(f"/cases/{exposed.id}?template=please_delete_post&as=public&in=es").text
    assert "te pedimos que la borres" in chosen
