"""What was just noted is taken back by one click, and so is lifting a block or a mute."""

from __future__ import annotations

import re
from html import unescape

from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case, Status
from socialdesk.casework import notes
from socialdesk.casework.notes import Mention
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.test_console_undoing import CHANGED, UNDO, done, undone, way_back

WORDS = "@ben sieh dir das bitte an"


def called(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        return list(session.exec(select(Mention.agent_id).order_by(col(Mention.agent_id))))


def box(page: str) -> str:
    """What stands in the box for a new note."""
    found = re.search(r'<textarea id="note"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def chosen(page: str) -> str:
    """What the composer is open for: a public reply, a direct message, or a note."""
    found = re.search(r'name="as" value="(\w+)" checked', page)
    assert found
    return found[1]


def texts(desk: Desk, case: Case, reader: Cast) -> list[str]:
    with desk.database.reading() as session:
        return [note.text for note in notes.of_case(session, case.id or 0, reader=reader.ana).notes]


def test_a_note_is_taken_back_with_its_words_before_its_author(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    assert called(desk) == [cast.ben.id]
    assert box(undone(ana, page)) == WORDS
    assert (called(desk), texts(desk, maria, cast)) == ([], [""])


def test_who_was_called_before_stays_called(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    done(signed_in("sofia"), f"/cases/{maria.id}/notes", note="@ben please")
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    undone(ana, page)
    assert called(desk) == [cast.ben.id]


def test_of_a_note_that_was_read_meanwhile_the_words_are_gone_and_that_it_was_there_is_told(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note=WORDS)
    ben = signed_in("ben")
    assert "sieh dir das bitte an" in ben.get(f"/cases/{maria.id}").text
    undone(ana, page)
    seen = ben.get(f"/cases/{maria.id}").text
    assert "sieh dir das bitte an" not in seen
    assert "deleted" in seen


def test_a_note_that_was_changed_or_is_anothers_is_not_taken_back(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    back = way_back(done(ana, f"/cases/{maria.id}/notes", note="One."))
    assert signed_in("ben").post(back).status_code == 409
    done(ana, f"/cases/{maria.id}/notes/1/editing", note="Two.")
    late = ana.post(back)
    assert (late.status_code, CHANGED in late.text) == (409, True)
    assert texts(desk, maria, cast) == ["Two."]


def test_a_later_note_does_not_keep_the_earlier_one(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    back = way_back(done(ana, f"/cases/{maria.id}/notes", note="One."))
    done(ana, f"/cases/{maria.id}/notes", note="Two.")
    assert ana.post(back).status_code == 303
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
    assert UNDO.search(undone(ana, page)) is None
    assert undone(ana, done(ana, f"/cases/{maria.id}/assignment", to="me"))


def test_who_is_called_by_a_later_note_too_stays_called(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/notes", note="@ben mine")
    sofia = signed_in("sofia")
    second = done(sofia, f"/cases/{maria.id}/notes", note="@ben sofia")
    undone(ana, page)
    assert called(desk) == [cast.ben.id]
    undone(sofia, second)
    assert called(desk) == []


def test_who_is_called_by_a_note_that_was_changed_since_stays_called(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    sofia = signed_in("sofia")
    done(sofia, f"/cases/{maria.id}/notes", note="Somebody please")
    page = done(ana, f"/cases/{maria.id}/notes", note="@ben mine")
    done(sofia, f"/cases/{maria.id}/notes/1/editing", note="@ben please")
    undone(ana, page)
    assert called(desk) == [cast.ben.id]


def test_a_note_that_he_has_read_calls_nobody_anew(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    """Nor does one of his own."""
    sofia, ben = signed_in("sofia"), signed_in("ben")
    done(sofia, f"/cases/{maria.id}/notes", note="@ben sofia")
    ben.get(f"/cases/{maria.id}")
    page = done(ana, f"/cases/{maria.id}/notes", note="@ben mine")
    done(sofia, f"/cases/{maria.id}/notes/1/editing", note="@ben Sofia")
    with desk.database.transaction() as session:
        notes.write(session, cases.hold(session, maria.id or 0), "@ben: do it", by=ben_of(session))
    undone(ana, page)
    assert called(desk) == []


def ben_of(session: Session) -> Agent:
    return session.exec(select(Agent).where(Agent.username == "ben")).one()


def test_whoever_is_called_in_a_case_that_was_merged_in_stays_called(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    """His list has the case since the earlier of the two."""
    with desk.database.transaction() as session:
        notes.write(session, cases.hold(session, kenji.id or 0), "@ben sofia", by=cast.sofia)
    page = done(ana, f"/cases/{maria.id}/notes", note="@ben mine")
    with desk.database.transaction() as session:
        notes.move(session, cases.hold(session, maria.id or 0), kenji.id or 0)
    undone(ana, page)
    assert called(desk) == [cast.ben.id]


def test_the_words_of_a_note_that_was_taken_back_outlive_the_page(
    ana: TestClient, signed_in: Visitor, maria: Case
) -> None:
    answer = ana.post(way_back(done(ana, f"/cases/{maria.id}/notes", note=WORDS)))
    assert answer.status_code == 303
    for address in (answer.headers["location"], answer.headers["location"], f"/cases/{maria.id}"):
        page = ana.get(address).text
        assert (box(page), chosen(page)) == (WORDS, "note")
        assert "Kept for you alone until you save it." in page
    others = signed_in("ben").get(f"/cases/{maria.id}").text
    assert (box(others), "sieh dir das" in others) == ("", False)


def test_they_are_kept_until_the_next_note_or_until_they_are_given_up(ana: TestClient, maria: Case) -> None:
    undone(ana, done(ana, f"/cases/{maria.id}/notes", note="One."))
    undone(ana, done(ana, f"/cases/{maria.id}/notes", note="Two."))
    page = ana.get(f"/cases/{maria.id}").text
    assert box(page) == "Two."
    gives_up = re.search(r'formaction="(/cases/\d+/notes/\d+/deletion)">Discard these words', page)
    assert gives_up
    page = done(ana, gives_up[1])
    assert box(page) == ""
    assert '/deletion">Discard these words' not in page
    assert ana.post(gives_up[1]).status_code == 409


def test_words_of_two_notes_that_were_taken_back_stand_below_each_other(ana: TestClient, maria: Case) -> None:
    first = done(ana, f"/cases/{maria.id}/notes", note="One.")
    second = done(ana, f"/cases/{maria.id}/notes", note="Two.")
    undone(ana, second)
    assert box(undone(ana, first)) == "One.\n\nTwo."


def test_they_do_not_stand_before_a_reply_that_was_refused(ana: TestClient, maria: Case) -> None:
    undone(ana, done(ana, f"/cases/{maria.id}/notes", note=WORDS))
    answer = ana.post(f"/cases/{maria.id}/notes", data={"note": ""})
    assert (answer.status_code, box(answer.text)) == (422, WORDS)
    with_reply = ana.get(f"/cases/{maria.id}?template=please_send_dm&as=public").text
    assert (chosen(with_reply), box(with_reply)) == ("public", WORDS)
