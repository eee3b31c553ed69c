"""kill -9 at every step of a walk: nothing is lost, nothing stored twice, and the walk goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from socialdesk import settings
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.messages import Message
from socialdesk.polling.cursors import Channel
from socialdesk.polling.walks import Walk
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll
from tests import oracle
from tests.conftest import HANDLE, WALKS_END_WHERE_THE_LAST_BEGAN, settings_of
from tests.dying import KILLED, Mortal
from tests.program import Program

MENTIONS = "GET /2/users/:id/mentions"
PAGES, ON_A_PAGE = 5, 3
SHORT = 3  # pages: a first, a last, and one between them
STRIDE = 60  # from one death to the next; the two databases die at different statements
SEED, SOME = 4, 12  # with this seed, every twelfth statement on an average
SHORTEST_LIFE, LONGER = 40, 20  # statements


@pytest.fixture
def settings_file(x_desk: Desk, tmp_path: Path) -> Path:
    return settings_of(x_desk, tmp_path, polling=WALKS_END_WHERE_THE_LAST_BEGAN)


@pytest.fixture
def polling(settings_file: Path, program: Program) -> Mortal:
    return Mortal(program, settings_file)


@pytest.fixture
def busy(world: World) -> World:
    """A world that gives small pages, where @maria and @kenji have written before."""
    world.rules.largest_page = ON_A_PAGE
    world.limits.change("GET *", Limit(100_000))
    world.add_user("maria", "María")
    world.add_user("kenji", "健二")
    write(world, 1)
    return world


def write(world: World, pages: int) -> None:
    """As many pages of mentions, and some direct messages with an answer from X's own app among them."""
    for number in range(pages * ON_A_PAGE):
        time.sleep(0.002)  # a look begins at the newest post's millisecond: each has one of its own
        world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")
    for number in range(ON_A_PAGE):
        world.direct_message("kenji", HANDLE, f"アカウントにログインできません {number}")
    world.direct_message(HANDLE, "kenji", "確認いたします。")


def test_a_walk_killed_at_any_statement_goes_on_and_loses_nothing(
    busy: World, database: Database, polling: Mortal
) -> None:
    assert polling.poll() == 0
    step, deaths = (9 if database.is_sqlite else 29), 0
    write(busy, PAGES)
    while (code := polling.poll(dying_at=step)) == KILLED:
        oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, database)
        assert polling.poll() == 0
        oracle.everything_is_stored_once(busy, database)
        write(busy, PAGES)
        step, deaths = step + STRIDE, deaths + 1

    assert code == 0
    assert deaths > 3
    oracle.everything_is_stored_once(busy, database)


# Forks a process a line, each of which reads the mentions and dies at that statement or commit (0: at none).
DYING = """
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
opened.database.close()
logs.configure(opened.settings.log)
for place in sys.stdin:
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    steps, commits = count(1), sys.argv[2] == "commits"
    def step(*_):
        if next(steps) == int(place):
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "commit" if commits else "before_cursor_execute", step)
    poller.poll(lines.open_lines(opened)[0], Channel.MENTIONS)
    os._exit(0)
"""


@pytest.fixture
def same_line(settings_file: Path) -> Iterator[Line]:
    """A desk set as the one that dies."""
    desk = assemble(settings.load(settings_file))
    yield open_lines(desk)[0]
    desk.database.close()


@contextmanager
def dying_at(settings_file: Path, what: str) -> Iterator[Callable[[int], int]]:
    """Reads the mentions until that place; returns how the process ended."""
    command = [sys.executable, "-c", DYING, str(settings_file), what]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def read(place: int) -> int:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{place}\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield read
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize(("what", "stride"), [("commits", 1), ("statements", SOME)])
def test_a_walk_killed_at_every_commit_and_at_many_statements_is_finished_by_the_next_look(
    busy: World, database: Database, same_line: Line, settings_file: Path, what: str, stride: int
) -> None:
    """A commit is a kill just before it; the statement after it one just behind it."""
    for channel in (Channel.MENTIONS, Channel.DIRECT_MESSAGES):
        poll(same_line, channel)
    chance, place, code = random.Random(SEED), 1, KILLED
    with dying_at(settings_file, what) as read:
        while code == KILLED:
            for number in range(SHORT * ON_A_PAGE):
                busy.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")
            code = read(place)
            if code == KILLED:
                oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, database)
                poll(same_line, Channel.MENTIONS)
            assert oracle.offered(busy, Channel.MENTIONS) <= stored_once(database)
            place += chance.randint(1, 2 * stride - 1)
    assert code == 0
    assert place > 3 * SHORT
    oracle.everything_is_stored_once(busy, database)


def stored_once(database: Database) -> set[str]:
    with database.reading() as session:
        ids = session.exec(select(Message.x_id)).all()
    assert len(ids) == len(set(ids))
    return set(ids)


def test_a_desk_that_dies_again_and_again_still_arrives(
    busy: World, database: Database, polling: Mortal
) -> None:
    """Each life lasts a little longer, and goes on where the one before ended."""
    polling.poll()
    write(busy, PAGES)
    busy.requests.clear()
    lives = 0
    while polling.poll(dying_at=SHORTEST_LIFE + LONGER * lives) == KILLED:
        lives += 1
        oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, database)
        assert lives < 40
    assert lives > 3
    assert pages_asked(busy) <= PAGES + 2 * lives + 2  # a new look at what is read takes two
    oracle.everything_is_stored_once(busy, database)


def test_pages_that_were_fetched_before_the_kill_are_not_fetched_again(
    busy: World, database: Database, x_desk: Desk, settings_file: Path, polling: Mortal
) -> None:
    """The real program, killed while X keeps it waiting for the fourth of five pages."""
    polling.poll()
    write(busy, PAGES)
    busy.requests.clear()
    busy.faults.add(Fault(MENTIONS, Kind.SLOW, seconds=0.2, times=3))
    busy.faults.add(Fault(MENTIONS, Kind.HANG, seconds=5))
    with subprocess.Popen(
        [sys.executable, "-m", "socialdesk", "poll", "--settings", str(settings_file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: not busy.faults.as_json())
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == KILLED
    before = pages_asked(busy)
    assert before == 3
    with database.reading() as session:
        assert session.exec(select(Walk)).one().pages == before
    oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, database)

    assert polling.poll() == 0
    oracle.everything_is_stored_once(busy, database)
    assert PAGES <= pages_asked(busy) <= PAGES + 1  # the cursor's own post may need one more


def pages_asked(world: World) -> int:
    """How many pages of mentions X has given."""
    return sum(each.path.endswith("/mentions") and each.status == 200 for each in list(world.requests))


def wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
