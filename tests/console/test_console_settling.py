"""A reply in doubt on its case's page: an agent who has looked on X says what became of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, clock, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Direction, Message
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox, settling
from tests.conftest import HANDLE, Cast
from tests.console.conftest import Town, Visitor
from tests.people import hire

THERE, AGAIN = "It was posted", "Send it again"


def in_doubt(desk: Desk, case: Case, by: Agent, text: str = "Lo sentimos.") -> int:
    """A reply that X gave no answer to; its row id."""
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=text, by=by)
        replies.approve(session, reply, by=by)
        reply_id = reply.id or 0
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, case.account_id)
        assert outgoing
        outbox.unknown(session, outgoing, why="X gave no answer.")
    return reply_id


@pytest.fixture
def doubted(desk: Desk, cast: Cast, maria: Case) -> int:
    return in_doubt(desk, maria, cast.ana)


def an_id(desk: Desk, reply_id: int) -> str:
    """One that X could have given to the reply."""
    with desk.database.reading() as session:
        return str(int(session.get_one(Reply, reply_id).baseline_x_id or 0) + 1)


def state_of(desk: Desk, reply_id: int) -> str:
    with desk.database.reading() as session:
        return session.get_one(Reply, reply_id).state


def test_an_agent_tells_where_the_reply_is(ana: TestClient, desk: Desk, maria: Case, doubted: int) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    assert (THERE in page, AGAIN in page) == (True, True)
    x_id = an_id(desk, doubted)
    post = f"https://x.com/{HANDLE}/status/{x_id}"
    answer = ana.post(f"/replies/{doubted}/sighting", data={"part": 1, "attempt": 1, "post": post})
    assert answer.status_code == 303
    assert state_of(desk, doubted) == State.SENT
    page = ana.get(answer.headers["location"]).text
    assert "Noted: the reply is on X." in page
    assert "Ana Horvat looked on X: the reply had been posted" in page
    assert THERE not in page
    with desk.database.reading() as session:
        said = session.exec(select(Message.x_id).where(Message.direction == Direction.OUTBOUND)).all()
    assert said == [x_id]


def test_a_wrong_address_is_refused_with_the_reason(
    ana: TestClient, desk: Desk, maria: Case, doubted: int
) -> None:
    ours = f"https://x.com/{HANDLE}/status/1"
    for post, why in (
        ("https://x.com/maria/status/1", "a post of @maria"),
        (an_id(desk, doubted), "does not say whose post it is"),
        (ours, "older than this reply"),
    ):
        answer = ana.post(f"/replies/{doubted}/sighting", data={"part": 1, "attempt": 1, "post": post})
        assert (answer.status_code, why in answer.text) == (422, True)
        told = re.search(rf'id="sighting-{doubted}"(.*?)</details>', answer.text, re.S)
        assert told
        assert told[1].startswith(" open>")
        assert f'value="{post}"' in told[1]
    assert state_of(desk, doubted) == State.UNKNOWN


def test_it_is_sent_again_only_by_whoever_says_that_he_has_looked(
    ana: TestClient, desk: Desk, maria: Case, doubted: int
) -> None:
    asked = {"part": 1, "attempt": 1}
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        blind = ana.post(f"/replies/{doubted}/resending", data=asked)
        assert (blind.status_code, "Look on X first" in blind.text) == (422, True)
        assert state_of(desk, doubted) == State.UNKNOWN
        seen = ana.post(f"/replies/{doubted}/resending", data=asked | {"looked": "yes"})
        assert (seen.status_code, state_of(desk, doubted)) == (303, State.APPROVED)
        page = ana.get(seen.headers["location"]).text
        assert "looked on X: the reply had not been posted, and is sent again" in page
        late = ana.post(f"/replies/{doubted}/sighting", data=asked)
        assert (late.status_code, "settled meanwhile" in late.text) == (409, True)


def test_whoever_only_reads_is_asked_nothing(
    signed_in: Visitor, desk: Desk, password_hash: str, maria: Case, doubted: int
) -> None:
    hire(desk.database, "rita", "read_only", password_hash)
    rita = signed_in("rita")
    assert THERE not in rita.get(f"/cases/{maria.id}").text
    assert rita.post(f"/replies/{doubted}/sighting", data={"part": 1, "attempt": 1}).status_code == 403


def test_of_a_direct_message_no_address_is_asked(
    ana: TestClient, desk: Desk, cast: Cast, kenji: Case
) -> None:
    reply_id = in_doubt(desk, kenji, cast.ana, "承知しました。")
    page = ana.get(f"/cases/{kenji.id}").text
    assert "X shows no addresses of direct messages" in page
    assert "The address of the post on X" not in page
    told = {"part": 1, "attempt": 1, "post": f"https://x.com/{HANDLE}/status/{an_id(desk, reply_id)}"}
    answer = ana.post(f"/replies/{reply_id}/sighting", data=told)
    assert (answer.status_code, answer.text.count("X shows no addresses")) == (422, 2)


def test_one_post_told_of_two_replies_in_the_same_moment_is_one_of_them(
    ana: TestClient,
    desk: Desk,
    cast: Cast,
    maria: Case,
    doubted: int,
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pavel = town.writes("103", "Où est mon colis ?")
    second = in_doubt(desk, pavel, cast.ana, "Désolés.")
    x_id = max(an_id(desk, doubted), an_id(desk, second), key=int)
    told = {"part": 1, "attempt": 1, "post": f"https://x.com/{HANDLE}/status/{x_id}"}
    # Each looked before the other had written.
    monkeypatch.setattr(settling, "_refuse_another", lambda *_: None)
    assert ana.post(f"/replies/{doubted}/sighting", data=told).status_code == 303
    late = ana.post(f"/replies/{second}/sighting", data=told)
    assert (late.status_code, "settled meanwhile" in late.text) == (409, True)
    assert [state_of(desk, each) for each in (doubted, second)] == [State.SENT, State.UNKNOWN]
