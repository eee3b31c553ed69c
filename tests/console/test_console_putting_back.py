"""What was done to several cases together is taken back as in one: nothing is left but the history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, counts, messages
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.figures import recount
from socialdesk.figures.waits import Wait
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Role
from socialdesk.people.permissions import Membership
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.test_console_undoing import stored
from tests.people import another_account

UNDO = re.compile(r'action="(/queue/together/\d+/undoing)"')


def changed(browser: TestClient, act: str, value: str, *chosen: Case) -> str:
    """Where it is taken back."""
    query = f"act={act}&language={value}&topic={value}&" + "&".join(f"case={each.id}" for each in chosen)
    stamps = re.findall(r'name="case" value="([^"]+)"', browser.get(f"/queue/together?{query}").text)
    assert len(stamps) == len(chosen)
    answer = browser.post("/queue/together", data={"act": act, "case": stamps, "value": value})
    found = UNDO.search(browser.get(answer.headers["location"]).text)
    assert found, "no undo is offered"
    return found[1]


def taken_back(browser: TestClient, address: str) -> str:
    """The page that follows."""
    answer = browser.post(address)
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def all_stored(desk: Desk, chosen: Sequence[Case]) -> list[dict[str, Any]]:
    return [stored(desk, case) for case in chosen]


@pytest.mark.parametrize(
    ("act", "value"), [("resolve", ""), ("language", "pt"), ("language", "es"), ("topic", "payment")]
)
def test_everything_is_as_it_was_and_counted_so(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case, act: str, value: str
) -> None:
    with desk.database.transaction() as session:  # the detector guessed, once rightly
        for case in (maria, kenji):
            session.get_one(Case, case.id).language_sure = False
            message = messages.newest_from_customer(session, case.id or 0)
            assert message
            message.confidence, message.runner_up = 0.61, "pt"
    before = all_stored(desk, (maria, kenji))
    undo = changed(ana, act, value, maria, kenji)
    after = all_stored(desk, (maria, kenji))
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert "2 cases are as they were." in taken_back(ana, undo)
    assert all_stored(desk, (maria, kenji)) == before
    with desk.database.transaction() as session:
        assert counts.rebuild(session)
        assert recount.rebuild(session)
        assert session.exec(select(Wait)).all() == []  # nobody's waiting began anew


def test_whoever_waited_goes_on_waiting_since_the_same_moment(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    taken_back(ana, changed(ana, "resolve", "", maria))
    with desk.database.reading() as session:
        case = cases.find(session, maria.id or 0)
        assert (case.status, case.waiting_since) == ("waiting", maria.waiting_since)
        last = session.exec(select(CaseEvent).order_by(CaseEvent.id.desc())).first()  # type: ignore[union-attr]
        assert last is not None
        assert "undone" in last.details


def test_a_case_in_which_the_customer_has_written_since_is_left_out(
    ana: TestClient, desk: Desk, town: Town, maria: Case, kenji: Case
) -> None:
    undo = changed(ana, "resolve", "", maria, kenji)
    town.writes("101", "¿Hola?", minutes_ago=1)
    page = taken_back(ana, undo)
    assert "One case is as it was." in page
    assert f'<a href="/cases/{maria.id}">Case {maria.id}</a> <strong>It has changed since.' in page


@pytest.mark.parametrize(
    ("act", "value", "later"),
    [("language", "pt", {"language": "it"}), ("topic", "payment", {"topic": "membership"})],
)
@pytest.mark.parametrize("who", ["ana", "ben"])
def test_what_somebody_put_right_once_more_stays(
    signed_in: Visitor, desk: Desk, maria: Case, kenji: Case, act: str, value: str, later: Any, who: str
) -> None:
    ana, another = signed_in("ana"), signed_in(who)
    (before,) = all_stored(desk, [kenji])
    undo = changed(ana, act, value, maria, kenji)
    assert another.post(f"/cases/{maria.id}/{act}", data=later).status_code == 303
    stays = {name: told for name, told in stored(desk, maria).items() if not name.startswith(("Lang", "Top"))}
    page = taken_back(ana, undo)
    assert "One case is as it was." in page
    assert "It has changed since." in page
    assert stored(desk, kenji)["Case 0"] == before["Case 0"]
    now = stored(desk, maria)
    assert {name: now[name] for name in stays} == stays


def test_a_correction_that_was_undone_in_its_case_is_not_undone_again(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    undo = changed(ana, "language", "pt", maria, kenji)
    with desk.database.reading() as session:
        query = select(CaseEvent).where(CaseEvent.case_id == maria.id, CaseEvent.kind == "language_corrected")
        event = session.exec(query).one()
    assert ana.post(f"/cases/{maria.id}/events/{event.id}/undoing").status_code == 303
    before = stored(desk, maria)["Case 0"]
    assert "One case is as it was." in taken_back(ana, undo)
    assert stored(desk, maria)["Case 0"] == before


def test_work_that_went_on_keeps_no_language_from_going_back(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    undo = changed(ana, "language", "pt", maria)
    signed_in("ben").post(f"/cases/{maria.id}/assignment", data={"to": "me"})
    assert "One case is as it was." in taken_back(ana, undo)
    with desk.database.reading() as session:
        assert cases.find(session, maria.id or 0).language == "es"


@pytest.mark.parametrize(("act", "value"), [("resolve", ""), ("topic", "payment"), ("assign", "")])
def test_a_case_of_an_account_that_is_not_his_any_more_keeps_no_other_from_going_back(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case, act: str, value: str
) -> None:
    before = stored(desk, maria)["Case 0"]
    undo = changed(ana, act, value, maria, kenji)
    after = stored(desk, kenji)["Case 0"]
    other = another_account(desk.database)
    with desk.database.transaction() as session:
        session.add(Membership(agent_id=cast.ana.id or 0, account_id=maria.account_id, role=Role.AGENT))
        session.get_one(Case, kenji.id).account_id = other
    assert f"Case {kenji.id}" not in taken_back(ana, undo)
    assert stored(desk, maria)["Case 0"] == before
    assert stored(desk, kenji)["Case 0"] == after | {"account_id": other}


def test_a_change_together_is_taken_back_once_and_by_whoever_made_it(
    ana: TestClient, signed_in: Visitor, maria: Case
) -> None:
    undo = changed(ana, "topic", "payment", maria)
    assert signed_in("ben").post(undo).status_code == 409
    assert ana.post(undo).status_code == 303
    assert "This was taken back already." in ana.post(undo).text
