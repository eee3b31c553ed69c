"""A reply in doubt, settled by a program's agent who has looked on X, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Role
from socialdesk.people.tokens import Scope
from socialdesk.replying import settling
from tests.conftest import HANDLE, Cast
from tests.console.conftest import ALL, Call, Town
from tests.console.test_console_settling import an_id, in_doubt, state_of
from tests.people import hire

PART = {"part": 1, "attempt": 1}
VERBS = ("sighting", "resending")


@pytest.fixture
def doubted(desk: Desk, cast: Cast, maria: Case) -> int:
    return in_doubt(desk, maria, cast.ana)


def address(desk: Desk, reply_id: int) -> str:
    return f"https://x.com/{HANDLE}/status/{an_id(desk, reply_id)}"


def test_the_parts_of_a_reply_say_which_of_them_is_in_doubt(call: Call, desk: Desk, doubted: int) -> None:
    (part,) = call("GET", f"/replies/{doubted}/parts").json()["items"]
    assert (part["number"], part["text"][:11], part["x_id"], part["attempt"]) == (1, "Lo sentimos", None, 1)
    post = address(desk, doubted)
    call("POST", f"/replies/{doubted}/sighting", json=PART | {"post": post})
    (part,) = call("GET", f"/replies/{doubted}/parts").json()["items"]
    assert (part["x_id"], part["attempt"]) == (post.rpartition("/")[2], None)
    assert part["sent_at"]


def test_it_was_posted_at_an_address(call: Call, desk: Desk, doubted: int) -> None:
    post = address(desk, doubted)
    done = call("POST", f"/replies/{doubted}/sighting", json=PART | {"post": post})
    assert (done.status_code, done.json()["state"]) == (200, "sent")
    assert done.json()["x_id"] == post.rpartition("/")[2]
    again = call("POST", f"/replies/{doubted}/sighting", json=PART | {"post": post})
    assert (again.status_code, again.json()["type"]) == (409, "urn:socialdesk:already-done")


@pytest.mark.parametrize(
    ("post", "why"),
    [
        ("https://x.com/maria/status/1", "a post of @maria"),
        ("1234567890", "does not say whose post it is"),
        (f"https://x.com/{HANDLE}/status/1", "older than this reply"),
        (None, "has not read these words"),
        ("  ", "no address of a post"),
    ],
)
def test_what_cannot_be_the_reply_is_refused(
    call: Call, desk: Desk, doubted: int, post: str | None, why: str
) -> None:
    answer = call("POST", f"/replies/{doubted}/sighting", json=PART | {"post": post})
    assert (answer.status_code, why in answer.json()["detail"]) == (422, True)
    assert state_of(desk, doubted) == "unknown"


def test_it_is_sent_again_only_when_somebody_says_that_he_has_looked(
    call: Call, desk: Desk, doubted: int
) -> None:
    at = f"/replies/{doubted}/resending"
    assert call("POST", at, json=PART | {"looked": True}).status_code == 422  # too soon to believe X
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert call("POST", at, json=PART).status_code == 422
        blind = call("POST", at, json=PART | {"looked": False})
        assert (blind.status_code, blind.json()["type"]) == (422, "urn:socialdesk:bad-input")
        assert state_of(desk, doubted) == "unknown"
        other = call("POST", at, json=PART | {"looked": True, "attempt": 2})
        assert (other.status_code, "tried again since" in other.json()["detail"]) == (409, True)
        done = call("POST", at, json=PART | {"looked": True})
        assert (done.status_code, done.json()["state"]) == (200, "approved")
        late = call("POST", f"/replies/{doubted}/sighting", json=PART | {"post": address(desk, doubted)})
        assert late.status_code == 409


def test_of_a_direct_message_no_address_is_believed(call: Call, desk: Desk, cast: Cast, kenji: Case) -> None:
    reply_id = in_doubt(desk, kenji, cast.ana, "承知しました。")
    answer = call("POST", f"/replies/{reply_id}/sighting", json=PART | {"post": address(desk, reply_id)})
    assert (answer.status_code, "no addresses of direct messages" in answer.json()["detail"]) == (422, True)


def test_one_post_told_of_two_replies_at_once_is_one_of_them(
    call: Call,
    desk: Desk,
    cast: Cast,
    town: Town,
    doubted: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = in_doubt(desk, town.writes("103", "Où est mon colis ?"), cast.ana, "Désolés.")
    told = PART | {"post": max(address(desk, doubted), address(desk, second))}
    # Each looked before the other had written.
    monkeypatch.setattr(settling, "_refuse_another", lambda *_: None)
    assert call("POST", f"/replies/{doubted}/sighting", json=told).status_code == 200
    late = call("POST", f"/replies/{second}/sighting", json=told)
    assert (late.status_code, late.json()["type"]) == (409, "urn:socialdesk:already-done")
    assert [state_of(desk, each) for each in (doubted, second)] == ["sent", "unknown"]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", VERBS)
def test_whoever_may_approve_may_settle(
    call: Call, desk: Desk, password_hash: str, doubted: int, role: Role, verb: str
) -> None:
    somebody = hire(desk.database, "somebody", role, password_hash)
    told = PART | ({"looked": True} if verb == "resending" else {"post": address(desk, doubted)})
    at = f"/replies/{doubted}/{verb}"
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        short = call("POST", at, by=somebody, scopes=tuple(set(ALL) - {Scope.REPLIES_APPROVE}), json=told)
        assert short.status_code == 403
        assert state_of(desk, doubted) == "unknown"
        answer = call("POST", at, by=somebody, json=told)
    expected = 403 if role == Role.READ_ONLY else 200
    assert (answer.status_code, state_of(desk, doubted) == "unknown") == (expected, expected == 403)
