"""The desk's clock jumps, or its country changes from summer to winter time: the looks go on as before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from socialdesk import clock, health
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World, signatures
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.server import SandboxServer
from socialdesk.settings import Settings
from socialdesk.workers.schedule import Schedule
from tests import oracle
from tests.conftest import HANDLE, KEYS

EVERY = 0.25  # seconds between two looks
PATIENCE = 60
BEGAN = datetime.now(UTC) - timedelta(seconds=time.monotonic())  # the machine
SUMMER_ENDS = datetime(2026, 10, 25, 1, tzinfo=UTC)  # Berlin's clocks go from three back to two
SUMMER_BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC)


def true_time() -> datetime:
    """X's clock is right, whatever the desk's shows."""
    return BEGAN + timedelta(seconds=time.monotonic())


@pytest.fixture
def world() -> World:
    world = World(now=true_time)
    world.add_user(HANDLE, "Northwind Help")
    world.add_app(HANDLE, **KEYS)
    world.add_user("maria", "María")
    world.limits.change("GET *", Limit(100_000))
    return world


@pytest.fixture
def hasty_desk(
    database: Database, make_settings: Callable[..., Settings], sandbox: SandboxServer, keys: None
) -> Iterator[Desk]:
    """Looks at mentions and direct messages several times a second, always at the same pace."""
    often = {f"{channel}_seconds": EVERY for channel in Channel} | {"stretch": 1}
    desk = assemble(make_settings(x={"api_url": sandbox.url}, polling=often))
    yield desk
    desk.database.close()


def looks(world: World) -> int:
    return sum(each.path.endswith("/mentions") for each in list(world.requests))


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def some_looks_later(world: World, looked: int = 6) -> None:
    """So many looks later; raises if they come much faster than they should."""
    before, began = looks(world), time.monotonic()
    wait_for(lambda: looks(world) >= before + looked)
    came, lasted = looks(world) - before, time.monotonic() - began
    assert came <= 1.5 * lasted / EVERY + 3, "a burst of looks"


@pytest.mark.parametrize("jump", [timedelta(days=7_000), timedelta(days=-1), timedelta(hours=-1)], ids=str)
def test_a_clock_that_jumps_while_the_desk_polls_neither_stops_it_nor_makes_it_hurry(
    world: World, hasty_desk: Desk, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an X that takes signatures of any day."""
    monkeypatch.setattr(signatures, "TIMESTAMP_WINDOW_SECONDS", 10_000 * 86_400)
    with Schedule(hasty_desk):
        some_looks_later(world)
        with time_machine.travel(clock.now() + jump):
            world.post("maria", f"@{HANDLE} ¿y mi paquete?")
            world.direct_message("maria", HANDLE, "¿hola?")
            some_looks_later(world)
            wait_for(lambda: caught_up(world, hasty_desk))
            world.post("maria", f"@{HANDLE} ¿sigue ahí?")
        some_looks_later(world)
        wait_for(lambda: caught_up(world, hasty_desk))
    oracle.everything_is_stored_once(world, hasty_desk.database)
    assert not worried(hasty_desk)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)], ids=str)
def test_an_x_that_refuses_the_wrong_day_is_not_pestered_and_is_read_again_when_it_is_right(
    world: World, hasty_desk: Desk, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As X does: it answers 401 to what was signed more than minutes ago, or in the future."""
    monkeypatch.setattr(signatures, "time", SimpleNamespace(time=lambda: true_time().timestamp()))
    with Schedule(hasty_desk):
        some_looks_later(world)
        with time_machine.travel(clock.now() + jump):
            wait_for(lambda: worried(hasty_desk))
            before, until = len(world.requests), time.monotonic() + 8 * EVERY
            wait_for(lambda: time.monotonic() > until)
            assert len(world.requests) - before <= len(Channel)
        world.post("maria", f"@{HANDLE} ¿y mi paquete?")
        some_looks_later(world)
        wait_for(lambda: caught_up(world, hasty_desk))
        wait_for(lambda: not worried(hasty_desk))


@pytest.mark.parametrize("change", [SUMMER_ENDS, SUMMER_BEGINS], ids=["winter comes", "summer comes"])
def test_nothing_happens_when_the_country_changes_its_clocks(
    world: World, hasty_desk: Desk, change: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All times are UTC, in which there is no such hour."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        with time_machine.travel(change - timedelta(seconds=1)), Schedule(hasty_desk):
            wait_for(lambda: looks(world))
            assert clock.now() < change
            while clock.now() < change + timedelta(seconds=1):
                some_looks_later(world, 2)
            assert next_looks(hasty_desk) < change + timedelta(seconds=PATIENCE)
    finally:
        monkeypatch.undo()
        time.tzset()


def caught_up(world: World, desk: Desk) -> bool:
    try:
        oracle.everything_is_stored_once(world, desk.database)
    except AssertionError:
        return False
    return True


def next_looks(desk: Desk) -> datetime:
    with desk.database.reading() as session:
        return max(cursor.next_at for cursor in cursors.all_of(session) if cursor.next_at)


def worried(desk: Desk) -> bool:
    with desk.database.reading() as session:
        (told,) = health.read(session, desk.settings.polling)
    return told.worried
