"""What is due on the pages: the order of the queue, the time left, and how urgent a case is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session
from starlette.testclient import TestClient

from socialdesk import cases, targets
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.console.filters import Filter
from socialdesk.desk import Desk
from socialdesk.replying import drafts
from socialdesk.settings.promises import Priority, Targets
from socialdesk.worklists import queues
from socialdesk.worklists.queues import Cases
from tests.conftest import Cast
from tests.console.conftest import Town

ROW = re.compile(r'<li id="case-(\d+)"')
PRIVATE_SOON = [{"channel": "private", "first_response_minutes": 30}]


def rows(page: str) -> list[int]:
    return [int(found) for found in ROW.findall(page)]


def promise(desk: Desk, *rules: dict[str, Any]) -> None:
    with desk.database.transaction() as session:
        targets.use(session, Targets.model_validate({"rules": list(rules)}))


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """A direct message is due for its first answer after half an hour, what is urgent after ten minutes."""
    promise(desk, *PRIVATE_SOON, {"priority": "urgent", "first_response_minutes": 10})
    return desk


def test_what_is_due_comes_before_what_has_only_waited_longer(
    ana: TestClient, timed: Desk, maria: Case, kenji: Case
) -> None:
    page = ana.get("/queue").text
    assert rows(page) == [kenji.id, maria.id]
    assert "then due first" in page
    assert re.search(r"overdue by \d+ (h|d)", page)
    for status in ("unassigned", "due"):
        assert rows(ana.get(f"/queue?status={status}").text)[0] == kenji.id


@pytest.mark.parametrize("status", ["waiting", "mine", "unassigned", "due"])
def test_a_page_of_the_queue_takes_few_statements_though_there_are_targets_and_drafts(
    ana: TestClient, timed: Desk, cast: Cast, kenji: Case, town: Town, status: str
) -> None:
    for number in range(3):
        town.writes(str(600 + number), "Mi paquete no ha llegado todavía, ¿dónde está?", private=True)
    with timed.database.transaction() as session:
        for case in queues.page(session, Cases.WAITING).rows:
            cases.hold(session, case[0].id or 0).assign(cast.ana if status == "mine" else None, by=cast.ana)
            drafts.write(session, case[0], text="Lo miramos.", by=cast.ana, template_id="please_send_dm")
    asked: list[str] = []
    event.listen(timed.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    page = ana.get(f"/queue?status={status}").text  # the first of all: nothing is kept from before
    assert kenji.id in rows(page)
    assert len([each for each in asked if each.startswith("SELECT")]) <= 8, asked


def test_what_is_due_soon_has_its_own_list_and_number(
    ana: TestClient, timed: Desk, maria: Case, town: Town
) -> None:
    late = town.writes("102", "アカウントにログインできません", minutes_ago=45, private=True)
    page = ana.get("/queue?status=due").text
    assert rows(page) == [late.id]
    assert "<title>(1) Due soon" in page
    assert re.search(r"overdue by \d+ (h|d)", page)
    assert rows(ana.get("/queue?status=due&language=es").text) == []


def test_without_targets_nothing_is_said_of_them(ana: TestClient, maria: Case, kenji: Case) -> None:
    page = ana.get("/queue").text
    assert rows(page) == [maria.id, kenji.id]
    assert "Due soon" not in page
    assert "personal data in public first, then longest waiting" in page
    assert "Priority" not in ana.get(f"/cases/{maria.id}").text.partition("<main")[2]


def test_the_address_of_the_next_page_begins_behind_the_last_case(
    ana: TestClient, timed: Desk, town: Town
) -> None:
    for number in range(4):
        town.writes(str(500 + number), "Where is my parcel? I ordered it last week", minutes_ago=50 - number)
        town.writes(str(600 + number), "Where is my parcel?", minutes_ago=20 - number, private=True)
    whole = rows(ana.get("/queue").text)
    for size in (2, 5):
        with timed.database.reading() as session:
            page = queues.page(session, Cases.WAITING, size=size)
        assert [case.id for case, _ in page.rows] == whole[:size]
        assert rows(ana.get(Filter().address(after=page.next)).text) == whole[size:]
    assert len(whole) == 8


def test_the_next_case_is_the_next_by_urgency(
    timed: Desk, cast: Cast, maria: Case, kenji: Case, town: Town
) -> None:
    third = town.writes("103", "Wo ist mein Paket? Ich warte seit Montag", minutes_ago=40)
    with timed.database.reading() as session:
        assert found(session, session.get_one(Case, kenji.id)) == third.id
        assert found(session, session.get_one(Case, third.id)) == maria.id


def found(session: Session, case: Case) -> int | None:
    following = queues.next_free(session, case, Cases.WAITING)
    return following.id if following else None


def test_the_priority_of_a_case_is_set_on_its_page_and_moves_its_due_time(
    ana: TestClient, timed: Desk, maria: Case
) -> None:
    answer = ana.post(f"/cases/{maria.id}/priority", data={"priority": "urgent"})
    page = ana.get(answer.headers["location"]).text
    assert "The priority is urgent now." in page
    assert "Ana Horvat set the priority to urgent" in page
    assert re.search(r"overdue by \d+ (h|d)", page)
    again = ana.post(f"/cases/{maria.id}/priority", data={"priority": "urgent"})
    assert (again.status_code, "has this priority already" in again.text) == (409, True)
    assert ana.post(f"/cases/{maria.id}/priority", data={"priority": "none"}).status_code == 422


def test_a_page_of_either_asks_the_database_eight_times_at_most_with_everything_on_it(
    ana: TestClient, timed: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    with timed.database.transaction() as session:
        held = cases.hold(session, maria.id or 0)
        held.assign(cast.ben, by=cast.ben)
        notes.write(session, held, "Thursday", by=cast.ben)
        targets.prioritize(session, held, Priority.HIGH, by=cast.ana)
    asked: list[str] = []
    event.listen(timed.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    kept = "replies.submitted_at IS NOT NULL"  # the number beside Approvals, for a moment
    ana.get("/account")  # and the names, for some seconds
    for address in ("/queue", f"/cases/{maria.id}"):
        asked.clear()
        assert ana.get(address).status_code == 200
        selects = [each for each in asked if each.startswith(("SELECT", "WITH")) and kept not in each]
        assert len(selects) <= 8, selects


def test_the_number_of_what_is_due_is_of_what_waits_now(timed: Desk, cast: Cast, kenji: Case) -> None:
    with timed.database.transaction() as session:
        assert queues.numbers(session, Cases.WAITING).by_list[Cases.DUE] == 1
        cases.hold(session, kenji.id or 0).resolve(by=cast.ana)
    with timed.database.reading() as session:
        assert queues.numbers(session, Cases.WAITING).by_list[Cases.DUE] == 0
