"""What was just noted is taken back by one click, and so is lifting a block or a mute."""

from __future__ import annotations

from sqlmodel import col, select
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case, Status
from socialdesk.casework import notes
from socialdesk.casework.notes import Mention
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.test_console_undoing import CHANGED, UNDO, done, undone, way_back

WORDS = "@ben sieh dir das bitte an"


def called(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        return list(session.exec(select(Mention.agent_id).order_by(col(Mention.agent_id))))


def texts(desk: Desk, case: Case, reader: Cast) -> list[str]:
    with desk.database.reading() as session:
        return [note.text for note in notes.of_case(session, case.id or 0, reader=reader.ana).notes]


def test_a_note_is_taken_back_with_its_words_before_its_author(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    assert called(desk) == [cast.ben.id]
    back = ana.post(way_back(page))
    assert back.status_code == 200
    assert "Undone: everything is as it was before." in back.text
    assert f">{WORDS}</textarea>" in back.text
    assert (called(desk), texts(desk, maria, cast)) == ([], [""])


def test_who_was_called_before_stays_called(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    done(signed_in("sofia"), f"/cases/{maria.id}/notes", note="@ben please")
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    assert ana.post(way_back(page)).status_code == 200
    assert called(desk) == [cast.ben.id]


def test_of_a_note_that_was_read_meanwhile_the_words_are_gone_and_that_it_was_there_is_told(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    ben = signed_in("ben")
    assert "sieh dir das bitte an" in ben.get(f"/cases/{maria.id}").text
    assert ana.post(way_back(page)).status_code == 200
    seen = ben.get(f"/cases/{maria.id}").text
    assert "sieh dir das bitte an" not in seen
    assert "deleted" in seen


def test_a_note_that_was_changed_or_is_anothers_is_not_taken_back(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    back = way_back(done(ana, f"/cases/{maria.id}/notes", note="One."))
    assert signed_in("ben").post(back).status_code == 403
    done(ana, f"/cases/{maria.id}/notes/1/editing", note="Two.")
    late = ana.post(back)
    assert (late.status_code, CHANGED in late.text) == (409, True)
    assert texts(desk, maria, cast) == ["Two."]


def test_a_later_note_does_not_keep_the_earlier_one(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    back = way_back(done(ana, f"/cases/{maria.id}/notes", note="One."))
    done(ana, f"/cases/{maria.id}/notes", note="Two.")
    assert ana.post(back).status_code == 200
    assert texts(desk, maria, cast) == ["", "Two."]
    again = ana.post(back)
    assert (again.status_code, CHANGED in again.text) == (409, True)


def test_lifting_a_block_is_undone_by_blocking_again(
    ana: TestClient, desk: Desk, town: Town, maria: Case
) -> None:
    ana.post(f"/cases/{maria.id}/blocking")
    town.writes("101", "¿Hola?", minutes_ago=5)
    assert standing(desk, maria) == (True, Status.RESOLVED)
    page = done(ana, f"/cases/{maria.id}/unblocking")
    assert standing(desk, maria) == (False, Status.WAITING)
    assert way_back(page) == f"/cases/{maria.id}/blocking"
    page = done(ana, way_back(page))
    assert standing(desk, maria) == (True, Status.RESOLVED)
    done(ana, way_back(page))
    assert standing(desk, maria) == (False, Status.WAITING)


def test_lifting_a_mute_is_undone_by_muting_again(ana: TestClient, desk: Desk, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/muting")
    page = done(ana, f"/cases/{maria.id}/unmuting")
    assert way_back(page) == f"/cases/{maria.id}/muting"
    done(ana, way_back(page))
    assert standing(desk, maria)[1] == Status.RESOLVED


def test_so_is_what_is_lifted_from_the_page_of_what_is_blocked_and_muted(
    sofia: TestClient, desk: Desk, maria: Case
) -> None:
    sofia.post(f"/cases/{maria.id}/blocking")
    page = done(sofia, f"/muted/customers/{maria.customer_id}/lifting")
    assert "Nobody is blocked." in page
    done(sofia, way_back(page))
    assert standing(desk, maria)[0]
    sofia.post(f"/cases/{maria.id}/unblocking")
    sofia.post(f"/cases/{maria.id}/muting")
    page = done(sofia, "/muted/conversations/1/lifting")
    assert way_back(page) == f"/cases/{maria.id}/muting"


def standing(desk: Desk, case: Case) -> tuple[bool, str]:
    """Whether the customer is blocked, and the case's status."""
    with desk.database.reading() as session:
        customer = session.get_one(Customer, case.customer_id)
        return customer.blocked_at is not None, cases.find(session, case.id or 0).status


def test_the_page_of_an_undone_note_offers_nothing_to_undo(ana: TestClient, maria: Case) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note="One.")
    assert UNDO.search(ana.post(way_back(page)).text) is None
    assert undone(ana, done(ana, f"/cases/{maria.id}/assignment", to="me"))
