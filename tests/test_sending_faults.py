"""Sending while everything goes wrong: processes die and freeze, X hangs and refuses, disks are full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import select

from socialdesk import clock, replies
from socialdesk.accounts import Account
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, DatabaseUnusable, DeskError, Remedy
from socialdesk.messages import Message
from socialdesk.replies import Reply, State
from socialdesk.sandbox import World, problems
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.workers.line import Line
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from socialdesk.x import session as x_session
from tests.conftest import Cast, settings_of
from tests.dying import KILLED, Mortal
from tests.outgoing import (
    LONG,
    POST,
    WRITE_DM,
    approve,
    ask,
    later,
    our_posts,
    ours,
    parts_of,
    reply_of,
    send_all,
    settle,
)
from tests.program import Program

STRIDE = 9  # statements from one death to the next


@pytest.fixture
def settings_file(x_desk: Desk, tmp_path: Path) -> Path:
    return settings_of(x_desk, tmp_path)


@pytest.fixture
def sending(settings_file: Path, program: Program) -> Mortal:
    return Mortal(program, settings_file)


def settled(line: Line, reply_id: int) -> Reply:
    """What became of the reply once X's timeline could be believed, and again if it was sent again."""
    moment = clock.now()
    for _ in range(4):
        moment += line.desk.settings.sending.settle + timedelta(seconds=1)
        with time_machine.travel(moment):
            reconcile(line)
            send_all(line)
    return reply_of(line.desk, reply_id)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_process_killed_at_any_statement_neither_loses_nor_doubles_a_part(
    world: World, x_desk: Desk, line: Line, cast: Cast, sending: Mortal, private: bool
) -> None:
    ask(world, line, "maria", private=private)
    assert sending.send() == 0
    step, deaths, code = 1, 0, KILLED
    while code == KILLED:
        already = len(ours(world))
        words = f"Respuesta {step}. {LONG}"
        reply_id = approve(x_desk, "maria", cast.ana, words)
        code = sending.send(dying_at=step)
        reply = settled(line, reply_id)
        row = parts_of(x_desk, reply_id)
        assert (reply.state, len(ours(world))) == (State.SENT, already + len(row))
        assert [part.x_id for part in row] == ours(world)[already:]
        step, deaths = step + STRIDE, deaths + (code == KILLED)
    assert code == 0
    assert deaths >= 3


SEND_AND_FREEZE = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from socialdesk import desk, settings
from socialdesk.workers import line as lines, sender
(line,) = lines.open_lines(desk.assemble(settings.load(Path(sys.argv[1]))))
claimed = sender._claimed
def freeze(line):
    outgoing = claimed(line)
    os.kill(os.getpid(), signal.SIGSTOP)
    return outgoing
sender._claimed, sender.LEASE = freeze, timedelta(seconds=0.2)
sender.send_next(line)
"""


def test_a_worker_that_was_frozen_with_a_reply_in_its_hands_sends_it_no_more(
    world: World, x_desk: Desk, line: Line, cast: Cast, settings_file: Path
) -> None:
    """As a direct message: X itself would refuse the same post twice."""
    ask(world, line, "kenji", private=True)
    reply_id = approve(x_desk, "kenji", cast.ana)
    with subprocess.Popen([sys.executable, "-c", SEND_AND_FREEZE, str(settings_file)]) as worker:
        wait_for(lambda: psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED)
        assert reply_of(x_desk, reply_id).state == State.SENDING
        reply = settled(line, reply_id)
        frozen_until = time.monotonic() + 0.3
        wait_for(lambda: time.monotonic() > frozen_until)
        os.kill(worker.pid, signal.SIGCONT)
        assert worker.wait(20) == 0
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))
    assert reply_of(x_desk, reply_id).attempts == reply.attempts


def test_two_workers_at_once_send_a_reply_once(world: World, x_desk: Desk, line: Line, cast: Cast) -> None:
    ask(world, line, "kenji", private=True)
    reply_id = approve(x_desk, "kenji", cast.ana)
    at_once(*(lambda each=each: send_next(each) for each in (line, line.another(), line.another())))
    assert [reply_of(x_desk, reply_id).x_id] == ours(world)


def test_a_reply_is_taken_back_or_sent_but_never_both(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    handles = [f"customer{number}" for number in range(6)]
    ask(world, line, *handles)
    for handle in handles:
        reply_id = approve(x_desk, handle, cast.ana)
        taken_back: list[bool] = []

        def take_back(reply_id: int = reply_id, taken_back: list[bool] = taken_back) -> None:
            try:
                with x_desk.database.transaction() as session:
                    replies.cancel(session, replies.find(session, reply_id), by=cast.ben)
                taken_back.append(True)
            except AlreadyDone:
                taken_back.append(False)

        before = len(ours(world))
        at_once(take_back, lambda: send_next(line))
        reply = reply_of(x_desk, reply_id)
        assert (reply.state == State.CANCELLED, len(ours(world)) == before) == (taken_back[0],) * 2


def at_once(*steps: Callable[[], object]) -> None:
    all_there = threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> None:
        all_there.wait(10)
        step()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.SLOW])
def test_a_worker_is_free_again_when_x_does_not_answer(
    world: World, x_desk: Desk, line: Line, cast: Cast, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert x_session.CONNECT_SECONDS + x_session.READ_SECONDS <= 25
    monkeypatch.setattr(x_session, "READ_SECONDS", 0.3)
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    world.faults.add(Fault(POST, kind, seconds=1))
    begun = time.monotonic()
    assert send_next(line)
    assert time.monotonic() - begun < 15
    assert reply_of(x_desk, reply_id).state == State.UNKNOWN
    wait_for(lambda: kind == Kind.HANG or len(ours(world)) == 1)
    settle(line)
    assert [reply_of(x_desk, reply_id).x_id] == ours(world)


@pytest.mark.parametrize("reset", [None, "soon", "1", "99999999999999"])
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_after_a_429_x_is_asked_once_more_in_that_minute_at_most(
    world: World, x_desk: Desk, line: Line, cast: Cast, reset: str | None, private: bool
) -> None:
    ask(world, line, "maria", private=private)
    reply_id = approve(x_desk, "maria", cast.ana)
    path = WRITE_DM if private else POST
    world.faults.add(Fault(path, Kind.STATUS, status=429, reset=reset, times=None))
    world.requests.clear()
    begun = clock.now()
    for seconds in range(0, 60, 5):
        with time_machine.travel(begun + timedelta(seconds=seconds)):
            send_all(line)
    assert 1 <= len([each for each in world.requests if each.method == "POST"]) <= 2
    world.faults.clear()
    with time_machine.travel(begun + timedelta(minutes=31)):
        send_all(line)
    assert [reply_of(x_desk, reply_id).x_id] == ours(world)


def test_keys_that_x_refuses_for_ever_are_not_tried_for_ever(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    ids = [approve(x_desk, handle, cast.ana) for handle in ("maria", "pavel")]
    world.faults.add(Fault(POST, Kind.STATUS, status=401, times=None))
    world.requests.clear()
    begun = clock.now()
    for minutes in range(60):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            send_all(line)
    assert len(world.requests) <= 4
    assert {reply_of(x_desk, each).state for each in ids} == {State.APPROVED}
    with x_desk.database.reading() as session:
        assert "keys" in (session.get_one(Account, line.account_id).trouble or "")

    world.faults.clear()
    with time_machine.travel(begun + timedelta(hours=2)):
        assert send_all(line) == 2
    assert len(ours(world)) == 2


def test_a_duplicate_that_x_refuses_after_a_lost_answer_is_looked_for_and_found(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    """X's timeline is later than anybody waits, so the first attempt is missed at first."""
    world.now = clock.now
    ask(world, line, "maria")
    world.index_lag = timedelta(seconds=150)
    reply_id = approve(x_desk, "maria", cast.ana)
    world.faults.add(Fault(POST, Kind.ACCEPT_THEN_DROP))
    send_next(line)
    with time_machine.travel(later(line)):
        assert reconcile(line) == 1
        assert send_next(line)
        reply = reply_of(x_desk, reply_id)
        assert (reply.state, [each.status for each in world.requests][-1]) == (State.UNKNOWN, 403)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert reconcile(line) == 1
    reply = reply_of(x_desk, reply_id)
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))


def test_a_duplicate_that_x_does_not_show_is_for_an_agent_to_look_at(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    world.faults.add(Fault(POST, Kind.DROP))
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=problem(problems.DUPLICATE)))
    send_next(line)
    reply = settled(line, reply_id)
    assert (reply.state, reply.remedy) == (State.HELD, Remedy.OPEN_ON_X)
    assert sum(each.method == "POST" for each in world.requests) == 2
    assert ours(world) == []


def problem(detail: str) -> dict[str, object]:
    return {"title": "Forbidden", "detail": detail, "type": "about:blank", "status": 403}


@pytest.mark.parametrize(
    ("detail", "remedy", "private"),
    [
        (problems.NOT_SUMMONED, Remedy.OPEN_ON_X, False),
        (problems.DELETED_TARGET, Remedy.DM, False),
        (problems.DUPLICATE, Remedy.EDIT, False),
        (problems.TOO_LONG, Remedy.EDIT, False),
        ("You have been blocked from the author of this Tweet.", Remedy.OPEN_ON_X, False),
        ("User has been suspended.", Remedy.OPEN_ON_X, False),
        (problems.NO_DIRECT_MESSAGES, Remedy.EDIT, True),
        ("You cannot send messages to this user.", Remedy.EDIT, True),
        ("Something that X never said before.", Remedy.EDIT, True),
    ],
)
def test_what_x_refuses_is_held_with_what_to_do_and_not_tried_again(
    world: World, x_desk: Desk, line: Line, cast: Cast, detail: str, remedy: Remedy, private: bool
) -> None:
    ask(world, line, "maria", private=private)
    reply_id = approve(x_desk, "maria", cast.ana)
    path = WRITE_DM if private else POST
    world.faults.add(Fault(path, Kind.STATUS, status=403, body=problem(detail)))
    assert send_next(line)
    reply = settled(line, reply_id)
    assert (reply.state, reply.remedy, ours(world)) == (State.HELD, remedy, [])
    assert reply.trouble


def test_a_reply_to_a_deleted_post_is_held_and_the_posts_text_leaves_the_desk(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    world.delete_post(world.posts()[0].id)
    send_next(line)
    reply = reply_of(x_desk, reply_id)
    assert (reply.state, reply.remedy) == (State.HELD, Remedy.DM)
    with x_desk.database.reading() as session:
        assert session.exec(select(Message.text)).one() == ""


@pytest.mark.parametrize(
    ("mark", "posts"), [(State.SENDING, 0), (State.SENT, 1)], ids=["before the post", "after the post"]
)
def test_a_full_disk_never_makes_a_second_post(
    world: World, x_desk: Desk, line: Line, cast: Cast, mark: State, posts: int
) -> None:
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    with a_full_disk(x_desk, mark):
        with pytest.raises(DatabaseUnusable, match="disk"):
            send_next(line)
        assert len(our_posts(world)) == posts
        assert reply_of(x_desk, reply_id).state == (State.SENDING if posts else State.APPROVED)
    reply = settled(line, reply_id)
    assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))


@contextmanager
def a_full_disk(desk: Desk, mark: State) -> Iterator[None]:
    """The database has no room for a reply that gets this mark: its own error, by a trigger."""
    fill_the_disk(desk, mark)
    try:
        yield
    finally:
        make_room(desk)


def fill_the_disk(desk: Desk, mark: State) -> None:
    with desk.database.transaction() as session:
        connection = session.connection()
        if desk.database.is_sqlite:
            connection.execute(text("CREATE TABLE room (bytes BLOB)"))
            connection.execute(
                text(
                    "CREATE TRIGGER full AFTER UPDATE ON replies"
                    f" WHEN new.state = '{mark}' BEGIN INSERT INTO room VALUES (zeroblob(100000000)); END"
                )
            )
        else:
            connection.execute(
                text(
                    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
                    " 'no space left on disk' USING ERRCODE = 'disk_full'; END $$"
                )
            )
            connection.execute(
                text(
                    f"CREATE TRIGGER no_room BEFORE UPDATE ON replies FOR EACH ROW"
                    f" WHEN (new.state = '{mark}') EXECUTE FUNCTION no_room()"
                )
            )
    bound_the_file(desk, pages=2_000)


def make_room(desk: Desk) -> None:
    with desk.database.transaction() as session:
        connection = session.connection()
        if desk.database.is_sqlite:
            connection.execute(text("DROP TRIGGER full"))
            connection.execute(text("DROP TABLE room"))
        else:
            connection.execute(text("DROP FUNCTION no_room() CASCADE"))


def bound_the_file(desk: Desk, pages: int) -> None:
    if desk.database.is_sqlite:
        with desk.database.reading() as session:
            session.connection().execute(text(f"PRAGMA max_page_count = {pages}"))


def test_a_reply_whose_fate_cannot_be_read_keeps_no_reply_of_the_other_kind_waiting(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "kenji", private=True)
    ask(world, line, "maria")
    private = approve(x_desk, "kenji", cast.ana)
    send_order = [(private, WRITE_DM), (approve(x_desk, "maria", cast.ana), POST)]
    for _, endpoint in send_order:
        world.faults.add(Fault(endpoint, Kind.ACCEPT_THEN_DROP))
    send_all(line)
    world.faults.add(Fault("GET /2/dm_conversations/*", Kind.STATUS, status=429, reset="1", times=None))
    with time_machine.travel(later(line)), pytest.raises(DeskError):
        reconcile(line)
    assert [reply_of(x_desk, each).state for each, _ in send_order] == [State.UNKNOWN, State.SENT]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
