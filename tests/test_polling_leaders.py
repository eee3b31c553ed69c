"""Two pollers on one account, one killed or frozen: nothing is stored twice, and the other goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from sqlmodel import select

from socialdesk import settings
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.errors import XUnavailable
from socialdesk.messages import Message
from socialdesk.polling import walks
from socialdesk.polling.cursors import Channel
from socialdesk.polling.walks import Walk
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll
from socialdesk.workers.schedule import Schedule
from tests import oracle
from tests.conftest import HANDLE, WALKS_END_WHERE_THE_LAST_BEGAN, settings_of

MENTIONS = "GET /2/users/:id/mentions"
EVERY = 0.5  # seconds between two looks
ON_A_PAGE, PAGES = 3, 5
PATIENCE = 120
STRIDE = 5  # transactions; a page has fewer, so that each kind is met

# Forks a process a line, each of which polls once and stops itself before that transaction, or at none (0).
FREEZING = """
import os, signal, sys
from itertools import count
from pathlib import Path
from sqlalchemy import Engine, event
from socialdesk import desk, logs, settings
from socialdesk.polling.cursors import Channel
from socialdesk.workers import line as lines, poller
from tests.program import warm_up

warm_up()
opened = desk.assemble(settings.load(Path(sys.argv[1])))
logs.configure(opened.settings.log)
opened.database.close()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for place in sys.stdin:
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    begun = count(1)
    freeze = lambda _: next(begun) == int(place) and os.kill(os.getpid(), signal.SIGSTOP)
    event.listen(Engine, "begin", freeze)
    poller.poll(lines.open_lines(opened)[0], Channel.MENTIONS)
    os._exit(0)
"""


@pytest.fixture
def busy(world: World, another: Desk) -> World:
    """Small pages, and @maria has been read before."""
    world.rules.largest_page = ON_A_PAGE
    world.limits.change("GET *", Limit(100_000))
    world.add_user("maria", "María")
    write(world, 1)
    poll(open_lines(another)[0], Channel.MENTIONS)
    return world


@pytest.fixture
def settings_file(x_desk: Desk, tmp_path: Path) -> Path:
    often = f"mentions_seconds = {EVERY}\nstretch = 1\n"
    return settings_of(x_desk, tmp_path, polling=often + WALKS_END_WHERE_THE_LAST_BEGAN)


@pytest.fixture
def another(settings_file: Path) -> Iterator[Desk]:
    """A desk like the worker's, in this process."""
    desk = assemble(settings.load(settings_file))
    yield desk
    desk.database.close()


@pytest.fixture
def freezing(settings_file: Path) -> Iterator[Callable[[int], int]]:
    """Starts a process that polls once and stops before the so-many-th transaction; returns its id."""
    command = [sys.executable, "-c", FREEZING, str(settings_file)]
    complaints = settings_file.with_name("complaints.txt")
    with (
        complaints.open("w") as told,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):

        def start(place: int) -> int:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{place}\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield start
    assert complaints.read_text() == ""


def break_off_another_walk(world: World, line: Line) -> None:
    """It has begun since, and is as far as its fourth page."""
    write(world, PAGES)
    world.faults.add(Fault(MENTIONS, Kind.SLOW, seconds=0, times=4))
    world.faults.add(Fault(MENTIONS, Kind.HTML, status=503))
    with pytest.raises(XUnavailable):
        poll(line, Channel.MENTIONS)


def write(world: World, pages: int) -> None:
    for number in range(pages * ON_A_PAGE):
        world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")


@contextmanager
def worker(settings_file: Path) -> Iterator[int]:
    """The process id of a `socialdesk worker` that has begun; killed at the end if it lives still."""
    command = [sys.executable, "-m", "socialdesk", "worker", "--settings", str(settings_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and "Reading and sending" in process.stdout.readline()
            yield process.pid
        finally:
            process.kill()


def wait_for(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def looks(world: World) -> int:
    return sum(each.path.endswith("/mentions") for each in list(world.requests))


def is_frozen(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    return False


def is_frozen_or_gone(pid: int, *, frozen: bool = True) -> bool:
    return (frozen and is_frozen(pid)) or not psutil.pid_exists(pid)


def caught_up(world: World, database: Database) -> bool:
    wanted = oracle.offered(world, Channel.MENTIONS)
    with database.reading() as session:
        return (
            wanted <= set(session.exec(select(Message.x_id))) and session.exec(select(Walk)).first() is None
        )


def test_two_workers_look_as_often_as_one_and_store_everything_once(
    busy: World, database: Database, settings_file: Path
) -> None:
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(worker(settings_file))
        before, began = looks(busy), time.monotonic()
        for _ in range(8):
            busy.post("maria", f"@{HANDLE} ¿y ahora?")
            wait_for(lambda: caught_up(busy, database))
        wait_for(lambda: looks(busy) >= before + 12)
        came, lasted = looks(busy) - before, time.monotonic() - began
    assert came <= 1.5 * lasted / EVERY + 3
    oracle.everything_is_stored_once(busy, database)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_when_the_one_that_walks_is_gone_the_other_goes_on_within_some_intervals(
    busy: World, database: Database, settings_file: Path, another: Desk, end: signal.Signals
) -> None:
    """It goes while X answers its fourth question; frozen, it wakes up when the walk has long been ended."""
    with worker(settings_file) as leader:
        wait_for(lambda: looks(busy) > 2)
        busy.faults.add(Fault(MENTIONS, Kind.SLOW, seconds=EVERY / 2, times=3))
        busy.faults.add(Fault(MENTIONS, Kind.SLOW, seconds=2 * EVERY))
        write(busy, PAGES)
        wait_for(lambda: not busy.faults.as_json())
        os.kill(leader, end)
        with Schedule(another):
            wait_for(lambda: caught_up(busy, database), patience=20 * EVERY)
            if end == signal.SIGSTOP:
                os.kill(leader, signal.SIGCONT)
            write(busy, PAGES)
            wait_for(lambda: caught_up(busy, database))
        if end == signal.SIGSTOP:
            write(busy, PAGES)
            wait_for(lambda: caught_up(busy, database))
    oracle.everything_is_stored_once(busy, database)


def test_a_poller_frozen_before_any_of_its_transactions_changes_nothing_when_it_wakes_up(
    busy: World, database: Database, another: Desk, freezing: Callable[[int], int]
) -> None:
    (line,) = open_lines(another)
    place, frozen = (1 if database.is_sqlite else 2), True
    while frozen:
        write(busy, PAGES)
        pid = freezing(place)
        wait_for(partial(is_frozen_or_gone, pid))
        if frozen := is_frozen(pid):
            poll(line, Channel.MENTIONS)
            assert caught_up(busy, database)
            break_off_another_walk(busy, line)
            os.kill(pid, signal.SIGCONT)
            wait_for(partial(is_frozen_or_gone, pid, frozen=False))
            oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, database)
            poll(line, Channel.MENTIONS)
        oracle.everything_is_stored_once(busy, database)
        place += STRIDE
    assert place > 4 * PAGES


def test_a_walk_that_is_over_cannot_touch_the_one_that_has_its_number_now(
    busy: World, database: Database, line: Line
) -> None:
    """SQLite gives a number again as soon as nobody has it."""
    items = line.x.mentions(line.our_x_id(), since_id=None).items
    first, second = (
        walks.begin(line.account_id, Channel.MENTIONS, cursor_x_id=None, floor_x_id=None) for _ in range(2)
    )
    with database.transaction() as session:
        assert walks.keep(session, first, items)
        assert walks.end(session, first)
    with database.transaction() as session:
        assert walks.keep(session, second, items[:1])
    with database.transaction() as session:
        assert not walks.keep(session, first, items)
        assert not walks.end(session, first)
        assert walks.keep(session, second, items[:1])
        assert len(walks.page(session, second, 0)) == 1
