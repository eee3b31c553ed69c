"""What agents do on the pages, done by a program: the same verbs, with the same limits, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from socialdesk import cases, clock, replies
from socialdesk.api.app import ADDRESS
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership
from socialdesk.replies import Reply
from socialdesk.replying import drafts, outbox
from socialdesk.search import patience
from tests.conftest import Cast
from tests.console.conftest import Call, Town, bearer, token
from tests.console.test_api import another_account


def drafted(desk: Desk, case: Case, by: Agent, text: str = "Lo sentimos.", *, asked: bool = False) -> Reply:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=text, by=by)
        if asked:
            reply.submitted_at, reply.submitted_by_id = clock.now(), by.id
    return reply


def every(call: Call, path: str, by: Agent, **asked: Any) -> list[Any]:
    """All items of a list, read two at a time."""
    found, cursor = [], None
    while True:
        page = call("GET", path, by=by, params={"limit": 2} | asked | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200, page.text
        assert len(page.json()["items"]) <= 2
        found += page.json()["items"]
        if (cursor := page.json()["next"]) is None:
            return found


# Cases


def test_a_case_is_put_aside_until_a_moment_and_woken(call: Call, maria: Case) -> None:
    at, until = f"/cases/{maria.id}", clock.now() + timedelta(hours=3)
    snoozed = call("POST", f"{at}/snoozing", json={"until": until.isoformat()})
    assert snoozed.status_code == 200
    assert snoozed.json()["snoozed_until"][:19] == until.isoformat()[:19]
    assert call("GET", "/cases").json()["items"] == []
    assert call("POST", f"{at}/waking").json()["snoozed_until"] is None
    assert call("POST", f"{at}/waking").status_code == 409
    assert [each["id"] for each in call("GET", "/cases").json()["items"]] == [maria.id]


@pytest.mark.parametrize(
    "until",
    ["2001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2030-01-01T00:00:00"],
)
def test_a_moment_that_is_none_to_wake_at_is_refused(call: Call, maria: Case, until: str) -> None:
    assert call("POST", f"/cases/{maria.id}/snoozing", json={"until": until}).status_code == 422
    assert call("GET", f"/cases/{maria.id}").json()["snoozed_until"] is None


def test_a_case_gets_another_priority(call: Call, maria: Case) -> None:
    at = f"/cases/{maria.id}"
    assert call("GET", at).json()["priority"] == "normal"
    assert call("PUT", f"{at}/priority", json={"priority": "urgent"}).json()["priority"] == "urgent"
    assert call("PUT", f"{at}/priority", json={"priority": "urgent"}).status_code == 409
    assert call("PUT", f"{at}/priority", json={"priority": "soon"}).status_code == 422


@pytest.mark.parametrize(
    ("verb", "undo", "told"),
    [("blocking", "unblocking", "blocked_at"), ("opting-out", "opting-in", "opted_out_at")],
)
def test_what_holds_of_a_customer_is_noted_in_a_case_and_taken_back(
    call: Call, maria: Case, verb: str, undo: str, told: str
) -> None:
    at = f"/cases/{maria.id}"
    assert call("POST", f"{at}/{undo}").status_code == 409
    assert call("POST", f"{at}/{verb}").json()["customer"][told]
    assert call("POST", f"{at}/{verb}").status_code == 409
    customer = call("GET", at).json()["customer"]
    assert call("GET", f"/customers/{customer['id']}").json()[told] == customer[told]
    assert call("POST", f"{at}/{undo}").json()["customer"][told] is None


@pytest.mark.parametrize(("verb", "undo"), [("blocking", "unblocking"), ("muting", "unmuting")])
def test_what_is_silenced_waits_for_nobody_until_it_is_heard_again(
    call: Call, maria: Case, verb: str, undo: str
) -> None:
    at = f"/cases/{maria.id}"
    assert call("POST", f"{at}/{verb}").json()["status"] == "resolved"
    assert call("GET", "/cases").json()["items"] == []
    assert call("POST", f"{at}/{undo}").status_code == 200
    assert call("POST", f"{at}/{undo}").status_code == 409
    assert call("GET", at).json()["status"] == "waiting"


def test_a_private_conversation_is_not_muted(call: Call, kenji: Case) -> None:
    assert call("POST", f"/cases/{kenji.id}/muting").status_code == 422


def test_blocking_reaches_what_the_program_does_not_see(
    call: Call, desk: Desk, maria: Case, cast: Cast
) -> None:
    """A customer is blocked on all our accounts, by whoever works for one of them."""
    elsewhere = another_account(desk)
    with desk.database.transaction() as session:
        session.add(Membership(agent_id=cast.ana.id or 0, account_id=maria.account_id, role="agent"))
        told = session.get_one(Case, maria.id).model_dump(exclude={"id", "account_id"})
        other = Case(**told, account_id=elsewhere)
        session.add(other)
        session.flush()
        other_id = other.id
    assert call("POST", f"/cases/{maria.id}/blocking").status_code == 200
    assert call("GET", f"/cases/{other_id}").status_code == 404
    with desk.database.reading() as session:
        assert session.get_one(Case, other_id).status == "resolved"


# Internal notes


def test_notes_are_written_and_read_a_page_at_a_time(call: Call, desk: Desk, maria: Case, cast: Cast) -> None:
    for number in range(5):
        made = call("POST", f"/cases/{maria.id}/notes", json={"text": f"@ben: the carrier said {number}."})
        assert made.status_code == 201
        assert made.json()["author_id"] == cast.ana.id
    told = every(call, f"/cases/{maria.id}/notes", cast.ben)
    assert [each["text"][-2] for each in told] == list("01234")
    with desk.database.transaction() as session:
        notes.remove(session, told[0]["id"], by=cast.ana)
        assert notes.of_case(session, maria.id or 0, reader=cast.ben).calls
    assert every(call, f"/cases/{maria.id}/notes", cast.ana)[0]["text"] == ""


def test_a_note_that_is_sent_again_is_the_same_note(call: Call, maria: Case) -> None:
    twice = [call("POST", f"/cases/{maria.id}/notes", json={"text": "Rang."}).json() for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(call("GET", f"/cases/{maria.id}/notes").json()["items"]) == 1


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001, " ".join(f"@a{each}" for each in range(60))])
def test_a_note_is_as_a_note_has_to_be(call: Call, maria: Case, text: str) -> None:
    assert call("POST", f"/cases/{maria.id}/notes", json={"text": text}).status_code == 422
    assert call("GET", f"/cases/{maria.id}/notes").json()["items"] == []


# Replies


def test_a_reply_is_sent_back_with_what_is_to_be_changed(
    call: Call, desk: Desk, maria: Case, cast: Cast
) -> None:
    reply = drafted(desk, maria, cast.ana, asked=True)
    at = f"/replies/{reply.id}/return"
    assert call("POST", at, by=cast.sofia, json={"revision": 9, "why": "Too short."}).status_code == 409
    assert call("POST", at, by=cast.sofia, json={"revision": 1, "why": " "}).status_code == 422
    back = call("POST", at, by=cast.sofia, json={"revision": 1, "why": "Too short."}).json()
    assert (back["state"], back["submitted_at"], back["sent_back_why"]) == ("draft", None, "Too short.")
    assert call("POST", at, by=cast.sofia, json={"revision": 1, "why": "Too short."}).status_code == 409


def test_a_held_reply_is_let_go_once_what_came_since_was_read(
    call: Call, desk: Desk, town: Town, maria: Case, cast: Cast
) -> None:
    reply = drafted(desk, maria, cast.ana)
    with desk.database.transaction() as session:
        replies.approve(session, replies.find(session, reply.id or 0), by=cast.ana)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
    with desk.database.transaction() as session:
        outbox.held(session, outgoing, why="X said no.", remedy=Remedy.RETRY)
    assert call("GET", f"/replies/{reply.id}").json()["remedy"] == "retry"
    town.writes("101", "¿Hola?", minutes_ago=1)
    seen = [each["id"] for each in call("GET", f"/cases/{maria.id}/messages").json()["items"]]
    at = f"/replies/{reply.id}/retry"
    late = call("POST", at, json={"seen_message_id": seen[0]})
    assert (late.status_code, late.json()["type"]) == (409, "urn:socialdesk:stale-draft")
    assert call("POST", at, json={}).status_code == 422
    gone = call("POST", at, json={"seen_message_id": seen[-1]})
    assert (gone.status_code, gone.json()["state"]) == (200, "approved")
    assert call("POST", at, json={"seen_message_id": seen[-1]}).status_code == 409


def test_what_waits_and_what_was_drafted_are_read_a_page_at_a_time(
    call: Call, desk: Desk, town: Town, maria: Case, cast: Cast
) -> None:
    waiting = [drafted(desk, maria, cast.ana, asked=True).id]
    for number in range(4):
        case = town.writes(str(300 + number), "Mi paquete no ha llegado", minutes_ago=9)
        waiting.append(drafted(desk, case, cast.ana, f"Lo sentimos {number}.", asked=True).id)
    with desk.database.transaction() as session:  # of two that wait since the same moment each comes once
        since = session.get_one(Reply, waiting[1]).submitted_at
        session.get_one(Reply, waiting[2]).submitted_at = since
    assert [each["id"] for each in every(call, "/approvals", cast.sofia)] == waiting
    for number in range(4):
        with desk.database.transaction() as session:
            replies.cancel(session, replies.of_case(session, maria.id or 0)[-1], by=cast.ana)
        waiting.append(drafted(desk, maria, cast.ana, f"Otra vez {number}.").id)
    told = every(call, f"/cases/{maria.id}/replies", cast.ana)
    assert [each["id"] for each in told] == [waiting[0], *waiting[5:]]


def test_templates_are_read_a_page_at_a_time(call: Call, cast: Cast) -> None:
    told = [each["id"] for each in every(call, "/templates", cast.ana)]
    assert told == sorted(set(told))
    assert "acknowledge" in told
    assert len(told) > 2


@pytest.mark.parametrize(
    "cursor", ["e30", "bnVsbA", "dHJ1ZQ", "MA", "LTE", "OTk5OTk5OTk5OTk5", "%", "[", "x"]
)
@pytest.mark.parametrize(
    "path", ["/approvals", "/templates", "/cases/1/replies", "/cases/1/notes", "/search"]
)
def test_a_cursor_of_nobodys_is_refused(call: Call, maria: Case, cast: Cast, path: str, cursor: str) -> None:
    asked = {"cursor": cursor} | ({"q": "paquete"} if path == "/search" else {})
    answer = call("GET", path, by=cast.sofia, params=asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:socialdesk:bad-input")


# Search


def test_cases_are_found_by_their_words_a_page_at_a_time(
    call: Call, desk: Desk, town: Town, cast: Cast
) -> None:
    for number in range(5):
        town.writes(str(300 + number), "Mi hipopótamo no ha llegado", minutes_ago=60 - number)
    found = every(call, "/search", cast.ana, q="hipopotamo")
    assert [each["case"]["customer"]["x_id"] for each in found] == ["304", "303", "302", "301", "300"]
    assert all(each["source"] == "message" and "hipopótamo" in each["excerpt"] for each in found)


def test_what_is_found_tells_no_personal_data_and_nothing_of_other_accounts(
    call: Call, desk: Desk, town: Town, cast: Cast
) -> None:
    town.writes("300", "Mi hipopótamo: maria.garcia@example.com")
    (found,) = call("GET", "/search", params={"q": "hipopotamo"}).json()["items"]
    assert "example.com" not in found["excerpt"]
    elsewhere = another_account(desk)
    with desk.database.transaction() as session:
        session.add(Membership(agent_id=cast.ben.id or 0, account_id=elsewhere, role="agent"))
    assert call("GET", "/search", by=cast.ben, params={"q": "hipopotamo"}).json()["items"] == []


def test_a_search_is_limited_as_on_the_page(call: Call, maria: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    short = call("GET", "/search", params={"q": "a"})
    assert (short.status_code, short.json()["detail"][:18]) == (422, "That is too short.")
    assert call("GET", "/search").status_code == 422
    assert call("GET", "/search", params={"q": "x" * 201}).status_code == 422
    monkeypatch.setattr(patience, "LONGEST_SECONDS", 0.0)
    long = call("GET", "/search", params={"q": "paquete"})
    assert (long.status_code, long.json()["type"]) == (503, "urn:socialdesk:too-long")
    assert long.json()["detail"] == "That search takes too long: add a word that fewer messages have."


# Problems, and who may


def test_a_body_that_cannot_be_read_is_a_problem_of_its_own_kind(
    client: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    headers = bearer(token(desk, cast.ana)) | {"Content-Type": "application/json"}
    answer = client.put(f"{ADDRESS}/cases/{maria.id}/topic", headers=headers, content=b"\xff\xfe{")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:socialdesk:not-understood")
    described = client.get(f"{ADDRESS}/openapi.json").json()
    for path in described["paths"].values():
        for operation in path.values():
            assert ("requestBody" in operation) == ("400" in operation["responses"])


def test_the_description_says_where_tokens_are(client: TestClient) -> None:
    described = client.get(f"{ADDRESS}/openapi.json").json()
    (scheme,) = described["components"]["securitySchemes"].values()
    assert "/account/tokens" not in scheme["description"]
    assert "page Tokens" in scheme["description"]


VERBS = (
    ("/cases/{case}/snoozing", {"until": "2030-01-01T00:00:00Z"}),
    ("/cases/{case}/waking", None),
    ("/cases/{case}/blocking", None),
    ("/cases/{case}/unblocking", None),
    ("/cases/{case}/muting", None),
    ("/cases/{case}/unmuting", None),
    ("/cases/{case}/opting-out", None),
    ("/cases/{case}/opting-in", None),
    ("/cases/{case}/notes", {"text": "Rang."}),
    ("/cases/{case}/merging", {"other": 2}),
    ("/cases/{case}/unmerging", None),
    ("/cases/{case}/splitting", {"message": 1}),
    ("/cases/{case}/rejoining", None),
    ("/replies/{reply}/return", {"revision": 1, "why": "Too short."}),
    ("/replies/{reply}/retry", {"seen_message_id": 1}),
)


@pytest.mark.parametrize(("path", "body"), VERBS)
def test_who_may_only_read_and_who_works_elsewhere_change_nothing(
    call: Call, desk: Desk, maria: Case, cast: Cast, path: str, body: dict[str, Any] | None
) -> None:
    reply = drafted(desk, maria, cast.ana, asked=True)
    elsewhere = another_account(desk)
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).role = "read_only"
        session.add(Membership(agent_id=cast.sofia.id or 0, account_id=elsewhere, role="supervisor"))
    address = path.format(case=maria.id, reply=reply.id)
    before = (call("GET", f"/cases/{maria.id}").json(), call("GET", f"/replies/{reply.id}").json())
    assert call("POST", address, by=cast.ben, json=body).status_code == 403
    assert call("POST", address, by=cast.sofia, json=body).status_code == 404
    assert (call("GET", f"/cases/{maria.id}").json(), call("GET", f"/replies/{reply.id}").json()) == before
    assert call("GET", f"/cases/{maria.id}/notes", by=cast.sofia).status_code == 404
