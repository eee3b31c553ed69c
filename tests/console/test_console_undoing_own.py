"""Undo is offered to whoever did it, also when a colleague has done the same kind of thing since."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import Visitor
from tests.console.test_console_undoing import UNDO, done, snoozed, stored, undone
from tests.console.test_console_undoing_notes import texts


@pytest.mark.parametrize(
    ("verb", "data", "told"),
    [
        ("resolution", {}, "resolved"),
        ("priority", {"priority": "high"}, "priority_high"),
        ("assignment", {"to": "me"}, "taken"),
    ],
    ids=["resolved", "priority", "taken"],
)
def test_what_a_colleague_has_done_since_is_offered_to_nobody_else(
    ana: TestClient, signed_in: Visitor, maria: Case, verb: str, data: dict[str, str], told: str
) -> None:
    ben = signed_in("ben")
    assert UNDO.search(done(ana, f"/cases/{maria.id}/{verb}", **data))
    if verb == "resolution":
        done(ben, f"/cases/{maria.id}/reopening")
    if verb == "priority":
        done(ben, f"/cases/{maria.id}/{verb}", priority="normal")
    assert UNDO.search(done(ben, f"/cases/{maria.id}/{verb}", **data))
    assert UNDO.search(ana.get(f"/cases/{maria.id}?done={told}-{maria.id}").text) is None


def test_of_two_tags_each_undoes_his_own(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    done(ana, f"/cases/{maria.id}/tags", tag="vip")
    done(signed_in("ben"), f"/cases/{maria.id}/tags", tag="gift")
    undone(ana, ana.get(f"/cases/{maria.id}?done=tagged-{maria.id}").text)
    with desk.database.reading() as session:
        assert [tag.name for tag in session.get_one(Case, maria.id).tags] == ["gift"]


def test_a_moment_that_took_anothers_place_gives_it_back(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    snoozed(signed_in("ben"), maria, "monday")
    before = stored(desk, maria)
    page = snoozed(ana, maria, "hour")
    undone(ana, page)
    assert stored(desk, maria) == before
    stale = ana.get(f"/cases/{maria.id}?done=snoozed-{maria.id}").text
    assert UNDO.search(stale) is None


def test_a_colleague_who_notes_too_keeps_nobody_from_undoing_his_own(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    done(ana, f"/cases/{maria.id}/notes", note="Mine.")
    done(signed_in("ben"), f"/cases/{maria.id}/notes", note="His.")
    undone(ana, ana.get(f"/cases/{maria.id}?done=noted-{maria.id}").text)
    assert texts(desk, maria, cast) == ["", "His."]
