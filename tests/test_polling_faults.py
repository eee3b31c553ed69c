"""X in every bad mood: what is read is stored once, the rest is asked for again, and X is not pestered."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from socialdesk import clock, health
from socialdesk.accounts import Account
from socialdesk.desk import Desk
from socialdesk.errors import AccountBlocked, RateLimited, XError, XUnavailable
from socialdesk.messages import Direction, Message
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.records import RawItem
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll, poll_when_due
from tests import oracle
from tests.conftest import HANDLE

MENTIONS = "GET /2/users/:id/mentions"


@pytest.fixture
def busy(world: World, x_desk: Desk, line: Line) -> World:
    """Five pages of mentions and two of direct messages wait."""
    world.rules.largest_page = 5
    world.limits.change("GET *", Limit(10_000))
    world.add_user("maria", "María")
    line.our_x_id()
    for number in range(25):
        world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")
    for number in range(8):
        world.direct_message("maria", HANDLE, f"¿Hola? {number}")
    return world


def read_all(line: Line) -> None:
    for channel in Channel:
        poll(line, channel)


@pytest.mark.parametrize("channel", [Channel.MENTIONS, Channel.DIRECT_MESSAGES])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("", Kind.HTML, status=503),
        Fault("", Kind.DROP),
        Fault("", Kind.TRUNCATE),
        Fault("", Kind.STATUS, status=200, body={"data": 7, "meta": {}}),
    ],
    ids=lambda fault: str(fault.kind),
)
def test_a_fault_in_mid_walk_costs_one_page(
    busy: World, x_desk: Desk, line: Line, channel: Channel, fault: Fault
) -> None:
    endpoint = MENTIONS if channel == Channel.MENTIONS else "GET /2/dm_events"
    busy.limits.change(endpoint, Limit(1, window_seconds=0.2))
    with pytest.raises(RateLimited):
        poll(line, channel)
    oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, x_desk.database)
    busy.limits.change(endpoint, Limit(10_000))
    busy.faults.add(Fault(endpoint, fault.kind, status=fault.status, body=fault.body))

    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        with pytest.raises(XUnavailable):
            poll(line, channel)
        read_all(line)
    oracle.everything_is_stored_once(busy, x_desk.database)


def test_empty_pages_without_end_are_noticed(busy: World, x_desk: Desk, line: Line) -> None:
    circle = {"meta": {"result_count": 0, "next_token": "again"}}
    busy.faults.add(Fault(MENTIONS, Kind.STATUS, status=200, body=circle, times=None))
    before = len(busy.requests)
    with pytest.raises(XUnavailable, match="lead nowhere"):
        poll(line, Channel.MENTIONS)
    assert len(busy.requests) - before < 10
    busy.faults.clear()
    read_all(line)
    oracle.everything_is_stored_once(busy, x_desk.database)


def test_a_page_given_twice_and_out_of_order_is_stored_once(busy: World, x_desk: Desk, line: Line) -> None:
    oldest, newest = busy.posts()[0], busy.posts()[-1]
    for post in (oldest, newest, oldest):
        item = {
            "id": post.id,
            "text": post.text,
            "author_id": post.author_id,
            "conversation_id": post.conversation_id,
            "created_at": post.created_at.isoformat(),
        }
        busy.raw_items.append(RawItem("mentions", item))
    read_all(line)
    oracle.everything_is_stored_once(busy, x_desk.database)


@pytest.mark.parametrize("reset", [None, "soon", "12"])
def test_after_a_429_x_hears_one_early_question_and_no_more(
    busy: World, x_desk: Desk, line: Line, reset: str | None
) -> None:
    busy.faults.add(Fault(MENTIONS, Kind.STATUS, status=429, reset=reset, times=None))
    before = len(busy.requests)
    start = clock.now()
    for second in range(0, 14 * 60, 10):
        moment = time_machine.travel(start + timedelta(seconds=second), tick=False)
        with moment, contextlib.suppress(RateLimited):
            poll(line, Channel.MENTIONS)
    assert len(busy.requests) - before <= 2


@pytest.mark.parametrize("status", [401, 402])
def test_keys_or_credit_refused_pause_the_whole_account_until_x_accepts_them(
    busy: World, x_desk: Desk, line: Line, status: int
) -> None:
    busy.faults.add(Fault(MENTIONS, Kind.STATUS, status=status))
    with pytest.raises(AccountBlocked):
        poll(line, Channel.MENTIONS)
    before = len(busy.requests)
    read_all(line)
    assert len(busy.requests) == before
    with x_desk.database.reading() as session:
        (told,) = health.read(session, x_desk.settings.polling)
        assert told.trouble
        assert told.paused_until("public")
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        read_all(line)
    with x_desk.database.reading() as session:
        account = session.get_one(Account, 1)
        assert (account.trouble, account.public_not_before) == (None, None)
    oracle.everything_is_stored_once(busy, x_desk.database)


def test_failures_space_the_looks_further_apart(busy: World, x_desk: Desk, line: Line) -> None:
    busy.faults.add(Fault(MENTIONS, Kind.HTML, status=503, times=None))
    waits = []
    for _ in range(4):
        with pytest.raises(XError):
            poll(line, Channel.MENTIONS)
        with x_desk.database.reading() as session:
            planned = cursors.all_of(session)[0].next_at
        assert planned
        waits.append((planned - clock.now()).total_seconds())
    assert waits[0] <= 30
    assert 110 <= waits[3] <= 240


def test_two_pollers_of_one_account_look_once_an_interval(busy: World, x_desk: Desk, line: Line) -> None:
    assert poll_when_due(line, Channel.MENTIONS) == 25
    assert poll_when_due(line.another(), Channel.MENTIONS) == 0
    assert sum(each.path.endswith("/mentions") for each in busy.requests) == 5


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_jumps_stops_nothing(busy: World, x_desk: Desk, line: Line, jump: timedelta) -> None:
    poll_when_due(line, Channel.MENTIONS)
    with time_machine.travel(clock.now() + jump):
        busy.post("maria", f"@{HANDLE} ¿y ahora?")
        assert poll_when_due(line, Channel.MENTIONS) == 1


def test_what_we_post_from_the_app_joins_its_case(busy: World, x_desk: Desk, line: Line) -> None:
    read_all(line)
    question = busy.posts()[-1]
    answer = busy.post(HANDLE, "Lo miramos.", in_reply_to=question.id)
    assert poll(line, Channel.OWN_POSTS) == 1
    assert poll(line, Channel.OWN_POSTS) == 0
    with x_desk.database.reading() as session:
        ours = session.exec(select(Message).where(Message.x_id == answer.id)).one()
        theirs = session.exec(select(Message).where(Message.x_id == question.id)).one()
    assert (ours.direction, ours.case_id) == (Direction.OUTBOUND, theirs.case_id)
