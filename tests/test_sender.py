"""Sending through X over HTTP: once, in the right place, and never blindly again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from socialdesk import cases, clock, replies
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.messages import Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import MOST_ATTEMPTS, reconcile
from socialdesk.workers.sender import send_next
from tests.conftest import HANDLE, KEYS, Cast
from tests.outgoing import POST, WORDS, WRITE_DM, ours, settle
from tests.stories import all_cases

A_WHILE = timedelta(minutes=2)  # more than any pause between two tries, on a slow machine too


@pytest.fixture
def approved(world: World, x_desk: Desk, line: Line, cast: Cast) -> Callable[..., int]:
    """A reply to a question asked on X, approved; returns its row id."""

    def make(*, private: bool = False) -> int:
        world.add_user("maria", "María")
        if private:
            world.direct_message("maria", HANDLE, "Mi cuenta está bloqueada, ¿qué hago?")
        else:
            world.post("maria", f"@{HANDLE} ¿dónde está mi paquete?")
        poll(line, Channel.DIRECT_MESSAGES if private else Channel.MENTIONS)
        with x_desk.database.transaction() as session:
            case = cases.hold(session, all_cases(session)[0].id or 0)
            reply = drafts.write(session, case, text=WORDS, by=cast.ana)
            replies.approve(session, reply, by=cast.ana)
            return reply.id or 0

    return make


def test_a_reply_with_a_link_is_found_again_though_x_shortens_links(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} ¿dónde está mi paquete?")
    poll(line, Channel.MENTIONS)
    with x_desk.database.transaction() as session:
        case = cases.hold(session, all_cases(session)[0].id or 0)
        words = "Aquí: https://example.com/ayuda?a=1&b=2 y también example.org/envios"
        replies.approve(session, drafts.write(session, case, text=words, by=cast.ana), by=cast.ana)
    world.faults.add(Fault(POST, Kind.ACCEPT_THEN_DROP))
    send_next(line)
    settle(line)

    assert [the_reply(x_desk).x_id] == ours(world)


def the_reply(desk: Desk) -> Reply:
    with desk.database.reading() as session:
        return session.exec(select(Reply)).one()


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_an_approved_reply_is_on_x_once_and_in_its_case(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int], private: bool
) -> None:
    approved(private=private)

    assert send_next(line)
    assert not send_next(line)
    assert reconcile(line) == 0

    reply = the_reply(x_desk)
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))
    with x_desk.database.reading() as session:
        assert session.exec(select(Message.text).where(Message.x_id == reply.x_id)).one() == WORDS


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("*", Kind.ACCEPT_THEN_DROP),
        Fault("*", Kind.TRUNCATE),
        Fault("*", Kind.EMPTY),
        Fault("*", Kind.DROP),
        Fault("*", Kind.HTML, status=503),
        Fault("*", Kind.HTML, status=200),
        Fault("*", Kind.STATUS, status=500),
        Fault("*", Kind.STATUS, status=201, body={"data": {}}),
        Fault("*", Kind.REDIRECT, status=302),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_without_a_clear_answer_x_is_looked_at_before_anything_is_sent_again(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int], fault: Fault, private: bool
) -> None:
    approved(private=private)
    world.faults.add(replace(fault, endpoint=WRITE_DM if private else POST))

    assert send_next(line)
    assert the_reply(x_desk).state == State.UNKNOWN
    assert not send_next(line)
    settle(line)

    reply = the_reply(x_desk)
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))


@pytest.mark.parametrize(
    ("status", "detail", "told"),
    [
        (403, "You are not allowed to create a Tweet with duplicate content.", "the very same text"),
        (
            403,
            "… because you have not been mentioned or otherwise engaged by the author …",
            "who mentioned us",
        ),
        (403, "You attempted to reply to a Tweet that is deleted or not visible to you.", "was deleted"),
        (400, "Something new that X may say one day.", "Something new that X may say one day."),
    ],
)
def test_what_x_refuses_is_held_with_words_an_agent_can_act_on(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int], status: int, detail: str, told: str
) -> None:
    approved()
    problem = {"title": "Forbidden", "detail": detail, "type": "about:blank", "status": status}
    world.faults.add(Fault(POST, Kind.STATUS, status=status, body=problem))

    assert send_next(line)
    assert not send_next(line)

    reply = the_reply(x_desk)
    assert reply.state == State.HELD
    assert told in (reply.trouble or "")
    assert ours(world) == []


def test_a_worker_that_wakes_up_late_cannot_undo_what_another_has_begun(
    x_desk: Desk, line: Line, approved: Callable[..., int]
) -> None:
    approved()
    with x_desk.database.transaction() as session:
        frozen = outbox.claim(session, line.account_id)
        assert frozen
        outbox.put_back(session, frozen, due_at=clock.now(), why="It was not on X: sent again.")
        assert outbox.claim(session, line.account_id)
    with x_desk.database.transaction() as session:
        outbox.put_back(session, frozen, due_at=clock.now(), why="too late")
        outbox.held(session, frozen, why="too late", remedy=Remedy.EDIT)
        outbox.unknown(session, frozen, why="too late")

    assert the_reply(x_desk).state == State.SENDING


def test_one_reply_whose_fate_x_will_not_tell_does_not_keep_the_others_from_theirs(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    for handle in ("maria", "pavel"):
        world.add_user(handle, handle)
        world.direct_message(handle, HANDLE, "Mi cuenta está bloqueada, ¿qué hago?")
    poll(line, Channel.DIRECT_MESSAGES)
    with x_desk.database.transaction() as session:
        for case in all_cases(session):
            replies.approve(session, drafts.write(session, case, text=WORDS, by=cast.ana), by=cast.ana)
    world.faults.add(Fault(WRITE_DM, Kind.ACCEPT_THEN_DROP, times=2))
    assert send_next(line)
    assert send_next(line)
    world.faults.add(Fault("GET /2/dm_conversations/with/:participant_id/dm_events", Kind.STATUS, status=404))
    with time_machine.travel(clock.now() + A_WHILE):
        assert reconcile(line) == 2

    with x_desk.database.reading() as session:
        states = session.exec(select(Reply.state).order_by(Reply.state)).all()
    assert list(states) == [State.HELD, State.SENT]
    assert len(ours(world)) == 2


def test_what_x_never_takes_is_held_in_the_end(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int]
) -> None:
    approved()
    world.faults.add(Fault(POST, Kind.HTML, status=503, times=None))
    moment = clock.now()
    for _ in range(MOST_ATTEMPTS):
        with time_machine.travel(moment):
            assert send_next(line)
        moment += A_WHILE
        with time_machine.travel(moment):
            assert reconcile(line) == 1
        moment += A_WHILE

    assert the_reply(x_desk).state == State.HELD
    assert ours(world) == []


def test_while_x_wants_to_hear_nothing_no_reply_of_that_kind_is_tried(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    for handle in ("maria", "pavel"):
        world.add_user(handle, handle)
        world.post(handle, f"@{HANDLE} ¿dónde está mi paquete?")
    world.direct_message("maria", HANDLE, "Mi cuenta está bloqueada, ¿qué hago?")
    poll(line, Channel.MENTIONS)
    with x_desk.database.transaction() as session:
        for case in all_cases(session):
            replies.approve(session, drafts.write(session, case, text=WORDS, by=cast.ana), by=cast.ana)
    world.faults.add(Fault(POST, Kind.STATUS, status=429, times=None))

    assert send_next(line)
    assert not send_next(line)
    assert [request.status for request in world.requests if request.path == "/2/tweets"] == [429]


@pytest.mark.parametrize("reset", [None, "soon", "1", "99999999999999"])
def test_after_a_429_the_reply_waits_its_turn(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int], reset: str | None
) -> None:
    approved()
    world.faults.add(Fault(POST, Kind.STATUS, status=429, reset=reset))
    send_next(line)

    reply = the_reply(x_desk)
    assert reply.state == State.APPROVED
    assert reply.due_at and 10 < (reply.due_at - world.now()).total_seconds() <= 15 * 60
    assert not send_next(line)


def test_a_real_rate_limit_of_x_is_kept(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int]
) -> None:
    approved()
    world.limits.change(POST, Limit(0))

    assert send_next(line)
    assert the_reply(x_desk).state == State.APPROVED
    assert ours(world) == []


def test_keys_that_x_refuses_keep_the_reply_for_later(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int]
) -> None:
    approved()
    world.faults.add(Fault(POST, Kind.STATUS, status=401))
    send_next(line)

    assert the_reply(x_desk).state == State.APPROVED
    assert not send_next(line)


def test_our_own_direct_message_read_back_first_is_linked_not_doubled(
    world: World, x_desk: Desk, line: Line, approved: Callable[..., int]
) -> None:
    approved(private=True)
    world.faults.add(Fault(WRITE_DM, Kind.ACCEPT_THEN_DROP))
    send_next(line)
    assert poll(line, Channel.DIRECT_MESSAGES) == 1
    settle(line)

    with x_desk.database.reading() as session:
        assert len(session.exec(select(Message).where(Message.x_id == the_reply(x_desk).x_id)).all()) == 1
    assert len(ours(world)) == 1


SEND_AND_DIE = """
import os, sys
from pathlib import Path
from socialdesk import desk, settings
from socialdesk.workers import line as lines, sender
opened = desk.assemble(settings.load(Path(sys.argv[1])))
(line,) = lines.open_lines(opened)
at = sys.argv[2]
def die(*_):
    os.kill(os.getpid(), 9)
if at == "before the call":
    sender._call = die
if at == "after the call":
    sender._record_success = die
sender.send_next(line)
"""


@pytest.mark.parametrize("at", ["before the call", "after the call"])
def test_a_process_killed_while_sending_neither_loses_nor_doubles_the_reply(
    world: World,
    x_desk: Desk,
    line: Line,
    approved: Callable[..., int],
    at: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    approved()
    file = tmp_path_factory.mktemp("killed") / "settings.toml"
    file.write_text(
        f'[x]\napi_url = "{x_desk.settings.x.api_url}"\n[database]\nurl = "{x_desk.settings.database.url}"\n'
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "NORTHWIND"\n'
    )
    environment = os.environ | {f"X_NORTHWIND_{name.upper()}": value for name, value in KEYS.items()}
    died = subprocess.run([sys.executable, "-c", SEND_AND_DIE, str(file), at], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert the_reply(x_desk).state == State.SENDING

    settle(line)

    reply = the_reply(x_desk)
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))
