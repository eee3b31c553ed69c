"""Long replies leave in parts: in a row, each once, and on from where they stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from socialdesk import cases, clock, fitting, messages, parts, replies
from socialdesk.cases import Case, Status
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, Remedy
from socialdesk.messages import Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import outbox
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from tests.conftest import HANDLE, Cast
from tests.outgoing import (
    LONG,
    POST,
    WORDS,
    approve,
    ask,
    later,
    our_posts,
    ours,
    parts_of,
    reply_of,
    send_again,
    send_all,
    settle,
)

SIGN_OFF = "^{initials}"


@pytest.fixture
def thread(world: World, x_desk: Desk, line: Line, cast: Cast) -> int:
    """A reply to @maria in three parts, approved."""
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana, LONG, sign_off=SIGN_OFF)
    assert len(parts_of(x_desk, reply_id)) == 3
    return reply_id


def is_a_whole_thread(world: World, desk: Desk, reply_id: int) -> None:
    """Each part is on X once, under the one before."""
    row, posts = parts_of(desk, reply_id), our_posts(world)
    assert [part.x_id for part in row] == [post.id for post in posts]
    assert [part.text for part in row] == [post.given_text for post in posts]
    assert [post.in_reply_to for post in posts[1:]] == [post.id for post in posts[:-1]]
    reply = reply_of(desk, reply_id)
    assert (reply.state, reply.x_id) == (State.SENT, posts[0].id)


def test_a_long_reply_is_a_thread_signed_at_its_end(
    world: World, x_desk: Desk, line: Line, thread: int
) -> None:
    question = world.posts()[0]
    assert send_all(line) == 3

    is_a_whole_thread(world, x_desk, thread)
    assert our_posts(world)[0].in_reply_to == question.id
    texts = [post.given_text for post in our_posts(world)]
    assert [text.endswith(f"({number}/3)") for number, text in enumerate(texts, start=1)] == [True] * 3
    assert ["^AH" in text for text in texts] == [False, False, True]
    assert all(fitting.fits(text) for text in texts)


def test_every_part_is_a_message_of_the_case_and_the_last_one_answers_it(
    world: World, x_desk: Desk, line: Line, thread: int
) -> None:
    waits = []
    while send_next(line):
        with x_desk.database.reading() as session:
            waits.append(session.exec(select(Case.status)).one())
    assert waits == [Status.WAITING, Status.WAITING, Status.ANSWERED]

    poll(line, Channel.OWN_POSTS)  # what X shows of us brings none of them in again
    with x_desk.database.reading() as session:
        said = session.exec(
            select(Message).where(Message.direction == "outbound").order_by(col(Message.id))
        ).all()
        kinds = [event.kind for event in cases.events(session, said[0].case_id)]
    assert [message.x_id for message in said] == ours(world)
    assert [message.in_reply_to_x_id for message in said[1:]] == ours(world)[:-1]
    assert kinds.count("reply_sent") == 1


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("kind", [Kind.ACCEPT_THEN_DROP, Kind.DROP])
def test_a_thread_goes_on_at_the_part_in_doubt_without_a_hole_or_a_repeat(
    world: World, x_desk: Desk, line: Line, thread: int, number: int, kind: Kind
) -> None:
    for _ in range(number - 1):
        send_next(line)
    world.faults.add(Fault(POST, kind))
    assert send_next(line)
    assert reply_of(x_desk, thread).state == State.UNKNOWN
    assert not send_next(line)
    settle(line)

    is_a_whole_thread(world, x_desk, thread)


def test_a_part_that_x_refuses_is_held_and_goes_on_from_there(
    world: World, x_desk: Desk, line: Line, thread: int, cast: Cast
) -> None:
    send_next(line)
    problem = {"title": "Forbidden", "detail": "Something new.", "type": "about:blank", "status": 403}
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=problem))
    send_next(line)
    assert reply_of(x_desk, thread).state == State.HELD
    assert parts.told(parts_of(x_desk, thread)) == "Part 1 of 3 is on X."

    send_again(x_desk, thread, cast.ben)
    send_all(line)
    is_a_whole_thread(world, x_desk, thread)


def test_the_rest_of_a_thread_can_be_taken_back_and_what_is_on_x_is_told(
    world: World, x_desk: Desk, line: Line, thread: int, cast: Cast
) -> None:
    send_next(line)
    with x_desk.database.transaction() as session:
        replies.cancel(session, replies.find(session, thread), by=cast.ana)
    assert not send_next(line)

    reply = reply_of(x_desk, thread)
    assert (reply.state, reply.trouble) == (State.CANCELLED, "Part 1 of 3 is on X.")
    with x_desk.database.reading() as session:
        told = cases.events(session, reply.case_id)[-1]
    assert (told.kind, told.details["why"]) == ("reply_cancelled", "Part 1 of 3 is on X.")


def test_a_thread_cannot_be_taken_back_while_a_part_is_under_way(
    x_desk: Desk, line: Line, thread: int, cast: Cast
) -> None:
    send_next(line)
    with x_desk.database.transaction() as session:
        outbox.claim(session, line.account_id)
        with pytest.raises(AlreadyDone, match=r"on its way to X. Part 1 of 3 is on X."):
            replies.cancel(session, replies.find(session, thread), by=cast.ana)


def test_a_thread_that_was_sent_cannot_be_taken_back(
    x_desk: Desk, line: Line, thread: int, cast: Cast
) -> None:
    send_all(line)
    with x_desk.database.transaction() as session, pytest.raises(AlreadyDone, match="sent already"):
        replies.cancel(session, replies.find(session, thread), by=cast.ana)


def test_a_direct_message_is_one_part_however_long_and_bears_no_sign_off(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "kenji", private=True)
    approve(x_desk, "kenji", cast.ana, LONG, sign_off=SIGN_OFF)
    send_all(line)
    assert [message.text for message in world.direct_messages()[1:]] == [LONG]


def test_a_reply_that_its_author_has_signed_is_not_signed_twice(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    approve(x_desk, "maria", cast.ana, f"{WORDS} ^AH", sign_off=SIGN_OFF)
    approve(x_desk, "pavel", cast.ben, WORDS, sign_off=SIGN_OFF)
    send_all(line)
    assert sorted(post.given_text for post in our_posts(world)) == [f"{WORDS} ^AH", f"{WORDS} ^BO"]


@pytest.mark.parametrize(("pattern", "words"), [("", ""), ("^{initials}", "^AH"), ("— {initials}", "— AH")])
def test_a_sign_off_is_what_the_settings_say(pattern: str, words: str) -> None:
    assert parts.signature(pattern, "AH") == words


def test_a_late_worker_tells_what_x_took_and_only_once(
    world: World, x_desk: Desk, line: Line, thread: int
) -> None:
    with x_desk.database.transaction() as session:
        frozen = outbox.claim(session, line.account_id)
    assert frozen
    with time_machine.travel(later(line)):
        assert reconcile(line) == 1  # not there: put back
    x_id = world.post(HANDLE, frozen.text, in_reply_to=frozen.answers_x_id).id
    for _ in range(2):
        with x_desk.database.transaction() as session:
            outbox.sent(session, frozen, x_id=x_id, at=clock.now())
    assert [part.x_id for part in parts_of(x_desk, thread)] == [x_id, None, None]
    send_all(line)
    is_a_whole_thread(world, x_desk, thread)


def test_a_half_sent_thread_goes_on_though_the_customer_has_written_again(
    world: World, x_desk: Desk, line: Line, thread: int
) -> None:
    send_next(line)
    world.post("maria", f"@{HANDLE} ¿hola?", in_reply_to=world.posts()[0].id)
    poll(line, Channel.MENTIONS)
    assert send_all(line) == 2
    is_a_whole_thread(world, x_desk, thread)
    with x_desk.database.reading() as session:
        assert session.exec(select(Case.status)).one() == Status.WAITING


def test_a_reply_waits_for_the_undo_and_can_be_taken_back_till_then(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    undo = timedelta(seconds=5)
    kept = approve(x_desk, "maria", cast.ana, undo=undo)
    regretted = approve(x_desk, "pavel", cast.ana, undo=undo)
    assert not send_next(line)
    with x_desk.database.transaction() as session:
        replies.cancel(session, replies.find(session, regretted), by=cast.ana)
    with time_machine.travel(clock.now() + undo):
        assert send_all(line) == 1
    assert [reply_of(x_desk, each).state for each in (kept, regretted)] == [State.SENT, State.CANCELLED]


def test_what_could_not_leave_for_long_is_held_for_a_fresh_look(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    old = approve(x_desk, "maria", cast.ana)
    after = clock.now() + x_desk.settings.sending.fresh + timedelta(seconds=1)
    with time_machine.travel(after):
        new = approve(x_desk, "pavel", cast.ana)
        assert send_all(line) == 1
        reply = reply_of(x_desk, old)
        assert (reply.state, reply.remedy) == (State.HELD, Remedy.RETRY)
        assert "still right" in (reply.trouble or "")
        send_again(x_desk, old, cast.ben)
        assert send_all(line) == 1
    assert [reply_of(x_desk, each).state for each in (old, new)] == [State.SENT, State.SENT]


def test_a_reply_is_held_when_the_customer_has_written_again_before_it_left(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    world.post("maria", f"@{HANDLE} ya ha llegado", in_reply_to=world.posts()[0].id)
    poll(line, Channel.MENTIONS)
    assert not send_next(line)

    reply = reply_of(x_desk, reply_id)
    assert (reply.state, reply.remedy, ours(world)) == (State.HELD, Remedy.RETRY, [])
    assert "The customer has written again" in (reply.trouble or "")
    with x_desk.database.reading() as session:
        assert cases.events(session, reply.case_id)[-1].kind == "reply_held"
        newest = messages.newest_seen(session, reply.case_id)
    send_again(x_desk, reply_id, cast.ben, seen_message_id=newest)
    assert send_all(line) == 1


def test_the_settings_can_leave_out_that_second_look(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    approve(x_desk, "maria", cast.ana)
    world.post("maria", f"@{HANDLE} ¿y?", in_reply_to=world.posts()[0].id)
    poll(line, Channel.MENTIONS)
    with x_desk.database.transaction() as session:
        lenient = x_desk.settings.sending.model_copy(update={"recheck": False})
        assert outbox.claim(session, line.account_id, lenient)


def test_only_a_held_reply_can_be_sent_again(x_desk: Desk, line: Line, thread: int, cast: Cast) -> None:
    with pytest.raises(AlreadyDone):
        send_again(x_desk, thread, cast.ana)
