"""Of a case's replies none leaves past an earlier one that was not sent, unless somebody says so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import time_machine

from socialdesk import cases, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import drafts, forecasts, second_looks
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from socialdesk.worklists import queues
from tests.conftest import HANDLE, Cast
from tests.outgoing import LONG, POST, approve, ask, later, ours, reply_of, send_again, send_all

NO = {"title": "Forbidden", "detail": "Something new.", "type": "about:blank", "status": 403}
FIRST, SECOND = "Primero esto.", "Y después esto otro."


@pytest.fixture
def two(world: World, x_desk: Desk, line: Line, cast: Cast) -> tuple[int, int]:
    """Two approved replies to @maria, of which X will refuse the first."""
    ask(world, line, "maria")
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=NO))
    return approve(x_desk, "maria", cast.ana, FIRST), approve(x_desk, "maria", cast.ben, SECOND)


def states(desk: Desk, *reply_ids: int) -> Sequence[str]:
    return [reply_of(desk, each).state for each in reply_ids]


def said(world: World) -> list[str]:
    """What of ours X has, oldest first."""
    us = world.user(HANDLE).id
    return [post.given_text for post in world.posts() if post.author_id == us]


def test_the_second_is_held_with_the_first_and_says_why(
    world: World, x_desk: Desk, line: Line, two: tuple[int, int]
) -> None:
    send_all(line)
    assert states(x_desk, *two) == [State.HELD, State.HELD]
    assert said(world) == []

    second = reply_of(x_desk, two[1])
    assert (second.trouble, second.remedy, second.attempts) == (second_looks.BEHIND, Remedy.RETRY, 0)
    with x_desk.database.reading() as session:
        case = session.get_one(Case, second.case_id)
        assert case.failed_since
        assert [each.id for each, _ in queues.page(session, queues.Cases.FAILED).rows] == [case.id]
        assert [each.kind for each in cases.events(session, second.case_id)][-2:] == ["reply_held"] * 2
        assert forecasts.leaves_at(session, line.account_id) == {}


@pytest.mark.parametrize("pressed", [(0, 1), (1, 0)], ids=["first and second", "second and first"])
def test_sent_again_both_leave_in_their_order(
    world: World, x_desk: Desk, line: Line, cast: Cast, two: tuple[int, int], pressed: tuple[int, int]
) -> None:
    send_all(line)
    for each in pressed:
        send_again(x_desk, two[each], cast.ana, seen_reply_id=max(two))
    send_all(line)
    assert states(x_desk, *two) == [State.SENT, State.SENT]
    assert said(world) == [FIRST, SECOND]


def test_the_second_leaves_without_the_first_only_when_somebody_says_so(
    world: World, x_desk: Desk, line: Line, cast: Cast, two: tuple[int, int]
) -> None:
    send_all(line)
    send_again(x_desk, two[1], cast.ana, seen_reply_id=0)
    send_all(line)
    assert states(x_desk, *two) == [State.HELD, State.SENT]
    assert said(world) == [SECOND]


def test_the_first_taken_back_the_second_waits_for_a_look_all_the_same(
    world: World, x_desk: Desk, line: Line, cast: Cast, two: tuple[int, int]
) -> None:
    send_all(line)
    with x_desk.database.transaction() as session:
        replies.cancel(session, replies.find(session, two[0]), by=cast.ana)
    assert send_all(line) == 0
    assert states(x_desk, *two) == [State.CANCELLED, State.HELD]
    send_again(x_desk, two[1], cast.ana)
    send_all(line)
    assert said(world) == [SECOND]


def test_a_direct_message_does_not_leave_past_the_public_reply_before_it(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=NO))
    public = approve(x_desk, "maria", cast.ana, FIRST)
    private = approve(x_desk, "maria", cast.ana, SECOND, private=True)
    send_all(line)
    assert states(x_desk, public, private) == [State.HELD, State.HELD]
    assert ours(world) == []


def test_a_reply_approved_after_the_first_was_held_leaves(
    world: World, x_desk: Desk, line: Line, cast: Cast, two: tuple[int, int]
) -> None:
    """Whoever wrote it had that before him."""
    send_all(line)
    third = approve(x_desk, "maria", cast.ben, "Sabiendo lo que pasó.")
    send_all(line)
    assert states(x_desk, *two, third) == [State.HELD, State.HELD, State.SENT]


def test_who_took_the_first_for_given_is_told_before_his_own_leaves(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    """He wrote while it was on its way, and approved once it was held."""
    ask(world, line, "maria")
    first = approve(x_desk, "maria", cast.ana, FIRST)
    with x_desk.database.transaction() as session:
        case = cases.hold(session, reply_of(x_desk, first).case_id)
        draft = drafts.write(session, case, text=SECOND, by=cast.ben)
        second = draft.id or 0
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=NO))
    send_all(line)
    with x_desk.database.transaction() as session:
        replies.approve(session, replies.find(session, second), by=cast.ben)
    send_all(line)
    assert states(x_desk, first, second) == [State.HELD, State.HELD]
    assert reply_of(x_desk, second).trouble == second_looks.BEHIND
    send_again(x_desk, second, cast.ben, seen_reply_id=0)
    send_all(line)
    assert said(world) == [SECOND]


def test_one_whose_fate_cannot_be_told_holds_those_behind_it_as_well(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    ids = [approve(x_desk, "maria", cast.ana, words) for words in (FIRST, SECOND)]
    world.faults.add(Fault(POST, Kind.DROP))
    send_all(line)
    assert states(x_desk, *ids) == [State.UNKNOWN, State.APPROVED]
    world.faults.add(Fault("GET /2/users/:id/tweets", Kind.STATUS, status=404))
    with time_machine.travel(later(line)):
        assert reconcile(line) == 1
        send_all(line)
    assert states(x_desk, *ids) == [State.HELD, State.HELD]


def test_a_reply_that_waits_for_a_look_holds_those_behind_it_as_well(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    ids = [approve(x_desk, "maria", cast.ana, words) for words in (FIRST, SECOND)]
    world.post("maria", f"@{HANDLE} ya ha llegado", in_reply_to=world.posts()[0].id)
    poll(line, Channel.MENTIONS)
    send_all(line)
    assert states(x_desk, *ids) == [State.HELD, State.HELD]
    assert "written again" in (reply_of(x_desk, ids[0]).trouble or "")
    assert reply_of(x_desk, ids[1]).trouble == second_looks.BEHIND


def test_a_thread_that_has_begun_is_not_stopped_by_one_that_was_to_go_before_it(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=NO))
    first = approve(x_desk, "maria", cast.ana, FIRST)
    send_next(line)
    thread = approve(x_desk, "maria", cast.ana, LONG)
    assert send_next(line)
    world.faults.add(Fault(POST, Kind.STATUS, status=403, body=NO))
    send_again(x_desk, first, cast.ana, seen_reply_id=thread)
    send_all(line)
    assert states(x_desk, first, thread) == [State.HELD, State.SENT]
