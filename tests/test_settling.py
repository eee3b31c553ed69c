"""A reply of which nobody knows whether it is on X, settled by a person; the desk itself looks at the same
time, and whoever is faster has settled it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from socialdesk import audit, clock, parts, replies
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, Remedy
from socialdesk.history import CaseEvent
from socialdesk.messages import Direction, Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import outbox, settling
from socialdesk.replying.outbox import Outgoing
from socialdesk.replying.settling import Doubt
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from socialdesk.x.ids import made_at
from socialdesk.x.links import post_at
from tests.conftest import HANDLE, Cast
from tests.outgoing import LONG, POST, WRITE_DM, approve, ask, later, ours, parts_of, reply_of, send_all

TAKEN, LOST = Kind.ACCEPT_THEN_DROP, Kind.DROP
Doubted = Callable[..., int]


@pytest.fixture
def doubted(world: World, x_desk: Desk, line: Line, cast: Cast) -> Doubted:
    """A reply of Ana's to @maria whose fate is unknown, X having taken it or not; returns its row id."""

    def make(kind: Kind, **how: Any) -> int:
        private = how.get("private", False)
        ask(world, line, "maria", private=private)
        reply_id = approve(x_desk, "maria", cast.ana, **how)
        world.faults.add(Fault(WRITE_DM if private else POST, kind))
        assert send_next(line)
        assert reply_of(x_desk, reply_id).state == State.UNKNOWN
        return reply_id

    return make


@contextmanager
def a_while_later(line: Line) -> Iterator[None]:
    with time_machine.travel(later(line)):
        yield


def is_there(
    desk: Desk, reply_id: int, cast: Cast, x_id: str | None = None, doubt: Doubt | None = None
) -> None:
    post: tuple[str, datetime] | None = (x_id, made_at(x_id)) if x_id else None
    with desk.database.transaction() as session:
        settling.is_there(session, reply_id, doubt or Doubt(1, 1), post=post, by=cast.ben)


def is_missing(desk: Desk, reply_id: int, cast: Cast, doubt: Doubt | None = None) -> None:
    with desk.database.transaction() as session:
        settling.is_missing(
            session, reply_id, doubt or Doubt(1, 1), sending=desk.settings.sending, by=cast.ben
        )


def our_messages(desk: Desk) -> list[str]:
    """X's ids of our words in the cases, each as often as it is there."""
    with desk.database.reading() as session:
        query = select(Message.x_id).where(Message.direction == Direction.OUTBOUND)
        return list(session.exec(query.order_by(col(Message.id))))


def looked_for(desk: Desk) -> Outgoing:
    """What the desk holds in its hand that has begun to look for it on X."""
    with desk.database.reading() as session:
        return outbox.unsettled(session, 1, attempted_before=clock.now())[0]


def found(desk: Desk, outgoing: Outgoing, x_id: str) -> None:
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=made_at(x_id))


def missed(desk: Desk, outgoing: Outgoing) -> None:
    with desk.database.transaction() as session:
        outbox.missed(session, outgoing)


@pytest.mark.parametrize("channel", [Channel.OWN_POSTS, None], ids=["then read", "never read"])
def test_what_a_person_has_found_on_x_is_sent_and_is_in_the_case_once(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted, channel: Channel | None
) -> None:
    reply_id = doubted(TAKEN)
    is_there(x_desk, reply_id, cast, ours(world)[0])
    if channel:
        poll(line, channel)
    with a_while_later(line):
        assert reconcile(line) == 0
        assert send_all(line) == 0

    assert (reply_of(x_desk, reply_id).state, ours(world)) == (State.SENT, our_messages(x_desk))
    with x_desk.database.reading() as session:
        told = session.exec(select(CaseEvent).where(CaseEvent.kind == settling.SETTLED)).one()
        entry = next(each for each in audit.newest(session) if each.kind == settling.SETTLED)
    assert (told.agent_id, told.details["on_x"]) == (cast.ben.id, ours(world)[0])
    assert (entry.agent_id, entry.details) == (cast.ben.id, told.details)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_without_an_address_it_is_the_words_that_the_desk_has_read_since(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted, private: bool
) -> None:
    reply_id = doubted(TAKEN, private=private)
    with pytest.raises(BadInput, match="has not read these words"):
        is_there(x_desk, reply_id, cast)
    poll(line, Channel.DIRECT_MESSAGES if private else Channel.OWN_POSTS)
    assert our_messages(x_desk) == ours(world)
    is_there(x_desk, reply_id, cast)
    assert (reply_of(x_desk, reply_id).x_id, our_messages(x_desk)) == (ours(world)[0], ours(world))


def test_what_is_not_on_x_is_sent_again_once(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(LOST)
    with a_while_later(line):
        is_missing(x_desk, reply_id, cast)
        assert send_all(line) == 1
        assert reconcile(line) == 0
    assert reply_of(x_desk, reply_id).state == State.SENT
    assert len(ours(world)) == 1


def test_it_is_not_sent_again_before_x_can_be_believed(x_desk: Desk, cast: Cast, doubted: Doubted) -> None:
    reply_id = doubted(LOST)
    with pytest.raises(BadInput, match="X may be late"):
        is_missing(x_desk, reply_id, cast)
    assert reply_of(x_desk, reply_id).state == State.UNKNOWN


def test_it_is_not_sent_again_when_the_desk_has_read_it_from_x(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(TAKEN)
    poll(line, Channel.OWN_POSTS)
    with a_while_later(line):
        with pytest.raises(AlreadyDone, match="they were posted"):
            is_missing(x_desk, reply_id, cast)
        assert send_all(line) == 0
    assert len(ours(world)) == 1


def test_a_person_who_comes_after_the_desk_is_told_what_it_has_found(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(TAKEN)
    with a_while_later(line):
        assert reconcile(line) == 1
        for settle in (is_there, is_missing):
            with pytest.raises(AlreadyDone, match="settled meanwhile: it is on X"):
                settle(x_desk, reply_id, cast)
        assert send_all(line) == 0
    assert our_messages(x_desk) == ours(world)


def test_and_so_when_the_desk_sends_it_again(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(LOST)
    with a_while_later(line):
        missed(x_desk, looked_for(x_desk))
        for settle in (is_there, is_missing):
            with pytest.raises(AlreadyDone, match="settled meanwhile: it was not on X"):
                settle(x_desk, reply_id, cast)
        assert send_all(line) == 1
    assert len(ours(world)) == 1


def test_the_desk_that_comes_after_the_person_changes_nothing(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    """Whatever it found: it looked while the person wrote down what he had seen."""
    reply_id = doubted(TAKEN)
    x_id = ours(world)[0]
    with a_while_later(line):
        before = looked_for(x_desk)
        is_there(x_desk, reply_id, cast, x_id)
        missed(x_desk, before)
        found(x_desk, before, x_id)
        with x_desk.database.transaction() as session:
            outbox.held(session, before, why="too late")
        assert send_all(line) == 0
    assert (reply_of(x_desk, reply_id).state, our_messages(x_desk)) == (State.SENT, [x_id])


def test_what_the_desk_finds_is_not_sent_again_though_a_person_had_just_said_so(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(TAKEN)
    with a_while_later(line):
        before = looked_for(x_desk)
        is_missing(x_desk, reply_id, cast)
        missed(x_desk, before)
        assert reply_of(x_desk, reply_id).state == State.APPROVED
        found(x_desk, before, ours(world)[0])
        assert send_all(line) == 0
    assert (reply_of(x_desk, reply_id).state, len(ours(world))) == (State.SENT, 1)


def test_of_both_at_the_same_moment_one_settles_it(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(LOST)
    refused: list[AlreadyDone] = []
    with a_while_later(line):
        before, start = looked_for(x_desk), threading.Barrier(3)

        def by_hand() -> None:
            start.wait()
            try:
                is_missing(x_desk, reply_id, cast)
            except AlreadyDone as error:
                refused.append(error)

        def by_the_desk() -> None:
            start.wait()
            missed(x_desk, before)

        threads = [threading.Thread(target=each) for each in (by_hand, by_hand, by_the_desk)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert send_all(line) == 1
    with x_desk.database.reading() as session:
        by_people = session.exec(select(CaseEvent).where(CaseEvent.kind == settling.SETTLED)).all()
    assert len(by_people) + len(refused) == 2
    assert len(by_people) < 2
    assert len(ours(world)) == 1


def test_a_thread_is_settled_part_by_part(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(TAKEN, text=LONG)
    is_there(x_desk, reply_id, cast, ours(world)[0])
    assert reply_of(x_desk, reply_id).state == State.APPROVED
    world.faults.add(Fault(POST, LOST))
    assert send_next(line)
    with a_while_later(line):
        for stale in (Doubt(1, 1), Doubt(2, 1), Doubt(3, 2)):
            with pytest.raises(AlreadyDone):
                is_missing(x_desk, reply_id, cast, stale)
        is_missing(x_desk, reply_id, cast, Doubt(2, 2))
        send_all(line)

    there = [part.x_id for part in parts_of(x_desk, reply_id)]
    assert (reply_of(x_desk, reply_id).state, there) == (State.SENT, ours(world))


def test_another_post_is_not_taken_for_it(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    ask(world, line, "pavel")
    approve(x_desk, "pavel", cast.ana, "Ahoj.")
    send_all(line)
    to_pavel = ours(world)[0]
    by_hand = world.post(HANDLE, "Otra cosa, escrita en la aplicación de X.").id
    reply_id = doubted(TAKEN)
    own, by_pavel = ours(world)[-1], world.post("pavel", f"@{HANDLE} Děkuji!").id
    elsewhere = world.post(HANDLE, "Y otra más.", in_reply_to=by_pavel).id
    poll(line, Channel.MENTIONS)
    poll(line, Channel.OWN_POSTS)
    far = str(int(own) + (10**9 << 22))
    wrong = {
        to_pavel: "older than|another reply",
        by_hand: "older than",
        by_pavel: "another one",
        elsewhere: "another one",
        far: "no post yet",
    }
    for x_id, told in wrong.items():
        with pytest.raises(BadInput, match=told):
            is_there(x_desk, reply_id, cast, x_id)
    assert reply_of(x_desk, reply_id).state == State.UNKNOWN
    is_there(x_desk, reply_id, cast, own)


def test_a_post_belongs_to_one_reply(x_desk: Desk, cast: Cast, doubted: Doubted) -> None:
    reply_id = doubted(LOST)
    other = approve(x_desk, "maria", cast.ana, "Lo segundo.")
    x_id = str(int(looked_for(x_desk).baseline_x_id) + 1)
    with x_desk.database.transaction() as session:
        parts.of_reply(session, other)[0].x_id = x_id
    with pytest.raises(BadInput, match="another reply"):
        is_there(x_desk, reply_id, cast, x_id)


def test_what_was_held_since_x_would_not_show_it_can_be_found_by_a_person(
    world: World, x_desk: Desk, line: Line, cast: Cast, doubted: Doubted
) -> None:
    reply_id = doubted(TAKEN)
    with x_desk.database.transaction() as session:
        outbox.held(session, looked_for(x_desk), why="Look on X.", remedy=Remedy.OPEN_ON_X)
    with a_while_later(line):
        with pytest.raises(AlreadyDone, match="held already"):
            is_missing(x_desk, reply_id, cast)
        is_there(x_desk, reply_id, cast, ours(world)[0])
    assert (reply_of(x_desk, reply_id).state, our_messages(x_desk)) == (State.SENT, ours(world))
    with x_desk.database.reading() as session:
        assert replies.unsent(session, [reply_of(x_desk, reply_id).case_id]) == {}


def test_what_x_has_refused_for_other_reasons_cannot(x_desk: Desk, cast: Cast, doubted: Doubted) -> None:
    reply_id = doubted(LOST)
    with x_desk.database.transaction() as session:
        outbox.held(session, looked_for(x_desk), why="X said no.", remedy=Remedy.EDIT)
    with pytest.raises(AlreadyDone, match="held already"):
        is_there(x_desk, reply_id, cast, "1")


@pytest.mark.parametrize(
    "told",
    [
        "https://x.com/NorthwindHelp/status/1993000000000000000",
        " https://x.com/NorthwindHelp/status/1993000000000000000 ",
        "x.com/northwindhelp/status/1993000000000000000?s=20",
        "https://mobile.twitter.com/NorthwindHelp/status/1993000000000000000/photo/1",
        "http://127.0.0.1:8700/sandbox/web/NorthwindHelp/status/1993000000000000000",
    ],
)
def test_a_post_is_told_by_its_address(told: str) -> None:
    x_id, at = post_at(told, ours=HANDLE, web_url="http://127.0.0.1:8700/sandbox/web")
    assert (x_id, at) == ("1993000000000000000", made_at("1993000000000000000"))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("https://x.com/maria/status/1993000000000000000", "a post of @maria"),
        ("1993000000000000000", "whose post"),
        ("https://x.com/i/status/1993000000000000000", "whose post"),
        ("https://x.com/i/web/status/1993000000000000000#m", "whose post"),
        ("https://x.com.evil.example/NorthwindHelp/status/1993000000000000000", "no address"),
        ("https://example.org/NorthwindHelp/status/1993000000000000000", "no address"),
        ("https://x.com/NorthwindHelp", "no address"),
        ("https://x.com/NorthwindHelp/status/9999999999999999999", "no address"),
        ("99999999999999999999", "no address"),
        ("١٩٩٣", "no address"),
        ("javascript:alert(1)", "no address"),
    ],
)
def test_nothing_else_is_taken_for_one(told: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        post_at(told, ours=HANDLE)
