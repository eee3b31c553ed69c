"""Once a day the desk looks a day back: what X has listed hours too late is found then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from socialdesk import clock
from socialdesk.desk import Desk
from socialdesk.errors import RateLimited
from socialdesk.messages import Message
from socialdesk.polling import cursors, gaps
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests import oracle
from tests.conftest import HANDLE

MENTIONS = "GET /2/users/:id/mentions"
LATE = timedelta(hours=2)


@pytest.fixture
def busy(world: World, x_desk: Desk, line: Line) -> World:
    """The desk has read, and so begun its day, before X is late with anything."""
    world.limits.change("GET *", Limit(10_000))
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} buenos días")
    poll(line, Channel.MENTIONS)
    return world


def listed_late(world: World) -> str:
    """X's id of a post that it lists hours after others that were written later."""
    world.index_lag = LATE
    late = world.post("maria", f"@{HANDLE} ¿por qué no me ve nadie?").id
    world.index_lag = timedelta(0)
    with in_hours(0.5):
        world.post("maria", f"@{HANDLE} ¿y a mí?")
    return late


def in_hours(hours: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(hours=hours))


def asked(world: World) -> int:
    return sum(each.path.endswith("/mentions") for each in list(world.requests))


def test_what_x_lists_after_hours_is_found_by_the_next_sweep(busy: World, x_desk: Desk, line: Line) -> None:
    late = listed_late(busy)
    with in_hours(1):
        assert poll(line, Channel.MENTIONS) == 1
    with in_hours(12):
        assert poll(line, Channel.MENTIONS) == 0  # no overlap reaches so far
    with in_hours(20):
        busy.post("maria", f"@{HANDLE} buenas noches")
        assert poll(line, Channel.MENTIONS) == 1
    with in_hours(25):
        assert poll(line, Channel.MENTIONS) == 1
        assert late in stored(x_desk)
        oracle.everything_is_stored_once(busy, x_desk.database)


def test_a_sweep_is_made_once_a_day(busy: World, x_desk: Desk, line: Line) -> None:
    swept = [swept_at(x_desk)]
    for hours in (1, 23, 25, 26, 48, 50):
        with in_hours(hours):
            poll(line, Channel.MENTIONS)
            swept.append(swept_at(x_desk))
    assert swept[0] == swept[1] == swept[2]
    assert swept[3] == swept[4] == swept[5]
    assert len(set(swept)) == 3


def test_without_a_sweep_in_the_settings_none_is_made(busy: World, x_desk: Desk, line: Line) -> None:
    polling = x_desk.settings.polling.model_copy(update={"sweep_hours": 0})
    settings = x_desk.settings.model_copy(update={"polling": polling})
    never = Line(Desk(settings, x_desk.database, x_desk.shelf), line.account_id, line.handle, line.x)
    listed_late(busy)
    with in_hours(1):
        poll(never, Channel.MENTIONS)
    with in_hours(25):
        assert poll(never, Channel.MENTIONS) == 0


def test_a_sweep_that_is_broken_off_goes_on_and_only_then_counts(
    busy: World, x_desk: Desk, line: Line
) -> None:
    busy.rules.largest_page = 5
    for number in range(12):
        busy.post("maria", f"@{HANDLE} {number}")
    listed_late(busy)
    with in_hours(1):
        poll(line, Channel.MENTIONS)
    before = swept_at(x_desk)
    with in_hours(25):
        busy.limits.change(MENTIONS, Limit(2))
        with pytest.raises(RateLimited):
            poll(line, Channel.MENTIONS)
        assert swept_at(x_desk) == before
        busy.limits.change(MENTIONS, Limit(10_000))
        with in_hours(0.5):
            poll(line, Channel.MENTIONS)
            assert swept_at(x_desk) != before
            oracle.everything_is_stored_once(busy, x_desk.database)


def test_a_sweep_beyond_xs_horizon_is_no_gap(busy: World, x_desk: Desk, line: Line) -> None:
    """A thousand mentions a day are read as they come; that the sweep sees 800 of them loses nothing."""
    for _ in range(2):
        for number in range(500):
            busy.post("maria", f"@{HANDLE} {number}")
        poll(line, Channel.MENTIONS)
    before = asked(busy)
    with in_hours(25), x_desk.database.reading() as session:
        assert poll(line, Channel.MENTIONS) == 0
        assert asked(busy) == before + 8
        assert not gaps.unseen(session)
        oracle.everything_is_stored_once(busy, x_desk.database)


def swept_at(desk: Desk) -> object:
    with desk.database.reading() as session:
        return next(each.swept_at for each in cursors.all_of(session) if each.channel == Channel.MENTIONS)


def stored(desk: Desk) -> set[str]:
    with desk.database.reading() as session:
        return set(session.exec(select(Message.x_id)))
