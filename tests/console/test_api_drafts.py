"""Drafts of programs, for a person to let go, with what was read; and notes changed, on both databases."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from tests.conftest import Cast
from tests.console.conftest import Call, Town
from tests.console.test_api_verbs import drafted


def said(call: Call, case: Case) -> list[Any]:
    items: list[Any] = call("GET", f"/cases/{case.id}/messages").json()["items"]
    return items


def drafting(call: Call, case: Case, **more: Any) -> Any:
    told = {"text": "Lo miramos ahora mismo.", "seen_message_id": said(call, case)[-1]["id"]}
    return call("POST", f"/cases/{case.id}/replies", json=told | more)


def test_a_program_writes_and_a_person_lets_it_go(call: Call, maria: Case, cast: Cast) -> None:
    draft = drafting(call, maria).json()
    at = f"/replies/{draft['id']}/submission"
    assert call("POST", at, json={"revision": draft["revision"] + 1}).status_code == 409
    waits = call("POST", at, json={"revision": draft["revision"]})
    assert (waits.status_code, waits.json()["state"], waits.json()["submitted_at"] is None) == (
        200,
        "draft",
        False,
    )
    assert call("GET", f"/cases/{maria.id}").json()["assignee_id"] == cast.ana.id
    assert call("POST", at, json={"revision": draft["revision"]}).status_code == 409
    (waiting,) = call("GET", "/approvals", by=cast.ben).json()["items"]
    revision = {"revision": waiting["revision"]}
    approved = call("POST", f"/replies/{waiting['id']}/approval", by=cast.ben, json=revision)
    assert (approved.json()["state"], approved.json()["approved_by_id"]) == ("approved", cast.ben.id)


def test_what_nobody_may_set_aside_waits_for_no_second_person(call: Call, maria: Case) -> None:
    draft = drafting(call, maria, text="Su pedido llega el ⟦fecha⟧.").json()
    refused = call("POST", f"/replies/{draft['id']}/submission", json={"revision": draft["revision"]})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:socialdesk:guarded")
    assert refused.json()["may_override"] == []


def test_of_a_colleagues_reply_the_approval_alone_is_taken_back(
    call: Call, desk: Desk, maria: Case, cast: Cast
) -> None:
    """As on the pages: his words are a draft again."""
    draft = drafted(desk, maria, cast.ben)
    told = {"revision": draft.revision}
    assert call("POST", f"/replies/{draft.id}/approval", json=told).json()["state"] == "approved"
    back = call("POST", f"/replies/{draft.id}/cancellation").json()
    assert (back["state"], back["text"], back["approved_by_id"]) == ("draft", draft.text, None)


def test_of_a_draft_only_what_was_read_is_discarded(call: Call, maria: Case) -> None:
    draft = drafting(call, maria).json()
    at = f"/replies/{draft['id']}/cancellation"
    stale = call("POST", at, json={"revision": draft["revision"] + 1})
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:socialdesk:stale-draft")
    assert call("POST", at, json={"revison": 1}).status_code == 422
    assert call("GET", f"/replies/{draft['id']}").json()["state"] == "draft"
    assert call("POST", at, json={"revision": draft["revision"]}).json()["state"] == "cancelled"


@pytest.mark.parametrize("door", ["api", "console"])
def test_what_a_colleague_writes_in_that_very_moment_is_not_discarded(
    call: Call, sofia: TestClient, desk: Desk, maria: Case, cast: Cast, door: str
) -> None:
    draft, answers = drafted(desk, maria, cast.ben), list[Any]()
    at, read = f"/replies/{draft.id}/cancellation", {"revision": draft.revision}

    def discard() -> None:
        answers.append(call("POST", at, json=read) if door == "api" else sofia.post(at, data=read))

    other = threading.Thread(target=discard)
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        other.start()
        other.join(0.5)  # it has found the draft and waits for the case, or on SQLite for the lock
        drafts.write(session, case, text="Llega hoy.", by=cast.ben)
    other.join(30)
    assert [each.status_code for each in answers] == [409]
    with desk.database.reading() as session:
        found = session.get_one(Reply, draft.id)
        assert (found.state, found.text) == (State.DRAFT, "Llega hoy.")


def test_only_what_was_written_in_the_case_can_have_been_read(
    call: Call, town: Town, maria: Case, kenji: Case
) -> None:
    """A newer message of another case would let the reply pass what the customer has written since."""
    (newer,) = said(call, kenji)
    refused = drafting(call, maria, seen_message_id=newer["id"])
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:socialdesk:not-found")
    assert drafting(call, maria, seen_reply_id=99).status_code == 404
    assert call("GET", f"/cases/{maria.id}/replies").json()["items"] == []
    assert drafting(call, maria, seen_reply_id=0).status_code == 201


def test_a_version_of_the_post_that_is_not_the_last_is_told(call: Call, maria: Case) -> None:
    draft = drafting(call, maria, seen_x_id="17").json()
    refused = call("POST", f"/replies/{draft['id']}/approval", json={"revision": draft["revision"]})
    assert (refused.status_code, refused.json()["guards"]) == (422, ["edited"])


# Notes


@pytest.fixture
def note(call: Call, maria: Case) -> str:
    made = call("POST", f"/cases/{maria.id}/notes", json={"text": "Rang."}).json()
    return f"/cases/{maria.id}/notes/{made['id']}"


def test_a_note_is_changed_and_deleted_by_its_author(call: Call, maria: Case, note: str, cast: Cast) -> None:
    assert call("PUT", note, by=cast.ben, json={"text": "Wrote."}).status_code == 403
    assert call("DELETE", note, by=cast.sofia).status_code == 403
    changed = call("PUT", note, json={"text": "Rang twice."}).json()
    assert (changed["text"], changed["edited_at"] is None) == ("Rang twice.", False)
    gone = call("DELETE", note).json()
    assert (gone["text"], gone["deleted_at"] is None) == ("", False)
    assert call("DELETE", note).status_code == 409
    assert call("PUT", note, json={"text": "Rang."}).status_code == 409
    (shown,) = call("GET", f"/cases/{maria.id}/notes").json()["items"]
    assert shown == gone


def test_a_note_is_changed_in_its_own_case_alone(call: Call, maria: Case, kenji: Case, note: str) -> None:
    elsewhere = note.replace(f"/cases/{maria.id}/", f"/cases/{kenji.id}/")
    assert call("PUT", elsewhere, json={"text": "Wrote."}).status_code == 404
    assert call("DELETE", elsewhere).status_code == 404
    assert call("PUT", note, json={"text": " "}).status_code == 422
    (shown,) = call("GET", f"/cases/{maria.id}/notes").json()["items"]
    assert shown["text"] == "Rang."
