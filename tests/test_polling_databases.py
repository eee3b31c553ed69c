"""The database is locked, full, read-only, gone in the middle of a commit, or older than X: what X offers is
stored once all the same, and the poller goes on by itself."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from socialdesk import engines, health
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import DatabaseUnusable
from socialdesk.messages import Message
from socialdesk.polling import gaps
from socialdesk.polling.cursors import Channel
from socialdesk.polling.gaps import Gap, GapState
from socialdesk.replies import State
from socialdesk.replying import outbox
from socialdesk.sandbox import World
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll
from socialdesk.workers.schedule import Schedule
from tests import oracle
from tests.conftest import HANDLE, Cast
from tests.outgoing import approve, ask, ours, reply_of, send_all, settle

ON_A_PAGE, PAGES = 5, 5
HORIZON = 800
PATIENCE = 60
STRIDE = 4  # commits from one loss to the next; a page has fewer
SEED, CHANCE = 4, 0.04  # that a statement finds its connection ended


@pytest.fixture
def line(x_desk: Desk) -> Line:
    """Walks that end where the one before began, and so stay five pages long."""
    polling = x_desk.settings.polling.model_copy(update={"overlap_minutes": 0, "sweep_hours": 0})
    return open_lines(changed(x_desk, settings=x_desk.settings.model_copy(update={"polling": polling})))[0]


@pytest.fixture
def busy(world: World, x_desk: Desk, line: Line) -> World:
    """@maria has been read before, and has written five small pages since."""
    world.limits.change("GET *", Limit(100_000))
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} buenos días")
    poll(line, Channel.MENTIONS)
    world.rules.largest_page = ON_A_PAGE
    write(world, PAGES * ON_A_PAGE)
    return world


def write(world: World, posts: int) -> None:
    for number in range(posts):
        world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def poll_until_done(line: Line, most: int = 60) -> int:
    """Looks, however often the database fails; returns how often it did."""
    for failed in range(most):
        with suppress(DatabaseUnusable):
            poll(line, Channel.MENTIONS)
            return failed
    raise AssertionError("the walk never ends")


def on(line: Line, database: Database) -> Line:
    """The same line of a desk that has its rows elsewhere."""
    return changed(line, desk=changed(line.desk, database=database))


# Many at once


@pytest.mark.parametrize(
    ("came", "bought"), [(5_000, 0), (1_500, 1_500)], ids=["without a search", "with a search"]
)
def test_more_mentions_at_once_than_x_lists_are_stored_or_told_as_a_gap_while_the_rest_goes_on(
    world: World, x_desk: Desk, came: int, bought: int
) -> None:
    world.limits.change("GET *", Limit(100_000))
    world.add_user("maria", "María")
    first = world.post("maria", f"@{HANDLE} buenos días").id
    often = {"mentions_seconds": 0.5, "direct_messages_seconds": 0.2, "overlap_minutes": 0, "stretch": 1}
    polling = x_desk.settings.polling.model_copy(update=often | {"gap_posts": bought})
    desk = changed(x_desk, settings=x_desk.settings.model_copy(update={"polling": polling}))
    poll(open_lines(desk)[0], Channel.MENTIONS)
    crowd = [world.add_user(f"customer{number}").handle for number in range(100)]
    written = [world.post(crowd[number % 100], f"@{HANDLE} {number}").id for number in range(came)]
    beats = heartbeats(world)
    wanted = {first, *(written if bought else written[-HORIZON:])}
    with Schedule(desk):
        wait_for(lambda: wanted <= stored(desk))
        wait_for(lambda: searched(desk))
        wait_for(lambda: heartbeats(world) - beats >= 5)  # fewer pass while the crowd is stored in no time
        wait_for(lambda: not any(each.silent or each.trouble for each in listening(desk)))
    with desk.database.reading() as session:
        (gap,) = gaps.unseen(session)
    assert (gap.from_x_id, gap.to_x_id) == (first, written[-HORIZON])
    assert gap.state == (GapState.FILLED if bought else GapState.OPEN)
    assert wanted == stored(desk)
    assert oracle.integrity(desk.database) == ["ok"]


def heartbeats(world: World) -> int:
    """Direct messages are asked for all the while."""
    return sum(each.path == "/2/dm_events" for each in list(world.requests))


def stored(desk: Desk) -> set[str]:
    with desk.database.reading() as session:
        return set(session.exec(select(Message.x_id)))


def searched(desk: Desk) -> bool:
    with desk.database.reading() as session:
        found = session.exec(select(Gap)).all()
    return bool(found) and all(gap.searched_at for gap in found)


def listening(desk: Desk) -> list[health.ChannelHealth]:
    with desk.database.reading() as session:
        (told,) = health.read(session, desk.settings.polling)
    return list(told.channels)


# Locked

HOLD_THE_LOCK = """
import sys
import pysqlite3.dbapi2 as sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


@contextmanager
def locked(desk: Desk) -> Iterator[Callable[[], None]]:
    """Another process keeps everybody from writing, until what it gives is called or the block ends."""
    if not desk.database.is_sqlite:
        other = create_engine(desk.settings.database.url)
        with other.connect() as connection:
            connection.execute(text("LOCK TABLE cursors, messages, walks IN EXCLUSIVE MODE"))
            yield connection.rollback
        other.dispose()
        return
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(make_url(desk.settings.database.url).database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline()
        yield process.stdin.close
        process.stdin.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds a lock gives up after a second rather than fifteen."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 1)


def test_a_database_locked_by_another_process_is_tried_again(
    impatient: None, busy: World, x_desk: Desk, line: Line
) -> None:
    x_desk.database.close()
    impatient_line = on(line, Database(x_desk.settings.database.url))
    with locked(x_desk):
        for _ in range(2):
            with pytest.raises(DatabaseUnusable, match="lock"):
                poll(impatient_line, Channel.MENTIONS)
    assert poll(impatient_line, Channel.MENTIONS) == PAGES * ON_A_PAGE
    oracle.everything_is_stored_once(busy, x_desk.database)
    impatient_line.desk.database.close()


def test_a_short_lock_is_waited_for(busy: World, x_desk: Desk, line: Line) -> None:
    with locked(x_desk) as release:
        waiting = threading.Timer(0.5, release)
        waiting.start()
        assert poll(line, Channel.MENTIONS) == PAGES * ON_A_PAGE
        waiting.join()
    oracle.everything_is_stored_once(busy, x_desk.database)


# Cut off


@pytest.fixture
def on_postgresql(database: Database) -> Database:
    if database.is_sqlite:
        pytest.fail("asked for SQLite, which has no server to lose")
    return database


only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@only_postgresql
def test_a_server_that_ends_the_connection_at_any_statement_costs_no_message(
    busy: World, x_desk: Desk, line: Line, on_postgresql: Database
) -> None:
    chance, ends = random.Random(SEED), 0

    def end_it(connection: Connection, *_: object) -> None:
        if chance.random() < CHANCE:
            pid = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            with on_postgresql.transaction() as session:
                session.connection().execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    event.listen(x_desk.database.engine, "before_cursor_execute", end_it)
    while ends < 20:
        ends += poll_some(line)
        oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, on_postgresql)
        write(busy, ON_A_PAGE)
    event.remove(x_desk.database.engine, "before_cursor_execute", end_it)
    for _ in range(2):  # the rest of a walk that was cut off, and what was written since it began
        poll(line, Channel.MENTIONS)
    oracle.everything_is_stored_once(busy, on_postgresql)


def poll_some(line: Line) -> int:
    try:
        poll(line, Channel.MENTIONS)
    except DatabaseUnusable:
        return 1
    return 0


@dataclass
class Wire:
    """Between the desk and its PostgreSQL: cuts the connection at the COMMIT whose number is named, either
    before the server hears of it, or when it has done it and only its answer is on the way."""

    server: str
    cut_at: int = 0
    after: bool = False
    commits: int = 0
    ends: list[socket.socket] = field(default_factory=list)
    working: list[threading.Thread] = field(default_factory=list)
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                desk, _ = self.listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                self.ends += [desk, server]
                self._in_the_background(self._forward, desk, server)
                self._in_the_background(_copy, server, desk)

    def _in_the_background(self, work: Callable[..., None], *ends: socket.socket) -> None:
        self.working.append(threading.Thread(target=work, args=ends))
        self.working[-1].start()

    def close(self) -> None:
        _close(self.listening, *self.ends)
        for each in self.working:
            each.join()
        for end in (self.listening, *self.ends):
            end.close()

    def _forward(self, desk: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := desk.recv(65536):
                commits = said.count(b"COMMIT\0")
                self.commits += commits
                if commits and self.commits == self.cut_at:
                    self._cut(desk, server, said)
                    return
                server.sendall(said)
        _close(desk, server)

    def _cut(self, desk: socket.socket, server: socket.socket, said: bytes) -> None:
        _close(desk)
        if self.after:
            server.sendall(said)
            time.sleep(0.05)  # what it has heard it does, whoever hears of it
        _close(server)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(65536):
            target.sendall(said)
    _close(source, target)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(on_postgresql: Database) -> Iterator[Wire]:
    folder = make_url(str(on_postgresql.engine.url)).query["host"]
    wire = Wire(f"{folder}/.s.PGSQL.5432")
    serving = threading.Thread(target=wire.serve)
    serving.start()
    yield wire
    wire.close()
    serving.join()


@pytest.fixture
def over_the_wire(wire: Wire, line: Line, on_postgresql: Database) -> Iterator[Line]:
    address = on_postgresql.engine.url.set(host="127.0.0.1", port=wire.listening.getsockname()[1], query={})
    database = Database(address.render_as_string(hide_password=False))
    yield on(line, database)
    database.close()


@only_postgresql
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_connection_lost_in_any_commit_leaves_nothing_out_and_nothing_twice(
    busy: World, on_postgresql: Database, wire: Wire, over_the_wire: Line, after: bool
) -> None:
    wire.after, commit = after, 2 if after else 1
    cut = True
    while cut:
        wire.commits, wire.cut_at = 0, commit
        cut = poll_until_done(over_the_wire) > 0
        oracle.everything_is_stored_once(busy, on_postgresql)
        write(busy, PAGES * ON_A_PAGE)
        commit += STRIDE
    assert commit > 2 * PAGES


# Read-only, and full


@contextmanager
def read_only(desk: Desk) -> Iterator[None]:
    """Nothing can be written, as on a server that has become the stand-by; asked for on new connections."""
    desk.database.close()
    prepare = _read_only_sqlite if desk.database.is_sqlite else _read_only_postgresql
    event.listen(desk.database.engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(desk.database.engine, "connect", prepare)
        desk.database.close()


def _read_only_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _read_only_postgresql(connection: Any, _record: object) -> None:
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def test_a_read_only_database_is_told_and_read_into_when_it_can_be_written_again(
    busy: World, x_desk: Desk, line: Line
) -> None:
    with read_only(x_desk), pytest.raises((DatabaseUnusable, DBAPIError)):
        poll(line, Channel.MENTIONS)
    assert poll(line, Channel.MENTIONS) == PAGES * ON_A_PAGE
    oracle.everything_is_stored_once(busy, x_desk.database)


def test_a_disk_that_is_full_at_any_moment_of_a_walk_costs_no_message(
    busy: World, x_desk: Desk, line: Line
) -> None:
    """Room for a few rows more each time: pages of the file on SQLite, statements on PostgreSQL."""
    failures = 0
    for room in (0, 1, 2, 3, 5, 8, 13, 21):
        write(busy, PAGES * ON_A_PAGE)
        with full_after(x_desk, room):
            failures += poll_some(line)
            oracle.nothing_is_behind_the_cursor_but_what_is_stored(busy, x_desk.database)
        poll(line, Channel.MENTIONS)
        oracle.everything_is_stored_once(busy, x_desk.database)
    assert failures > 3


@contextmanager
def full_after(desk: Desk, room: int) -> Iterator[None]:
    """The database's own error: SQLite's by a bound on its file, PostgreSQL's raised by a trigger."""
    if desk.database.is_sqlite:
        with bounded(desk, room):
            yield
        return
    with desk.database.transaction() as session:
        for statement in NO_ROOM.format(room=room).split(";;"):
            session.connection().execute(text(statement))
    try:
        yield
    finally:
        with desk.database.transaction() as session:
            session.connection().execute(text("DROP FUNCTION no_room() CASCADE"))
            session.connection().execute(text("DROP SEQUENCE written"))


NO_ROOM = """
CREATE SEQUENCE written;;
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('written') > {room} THEN
        RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN new;
END $$;;
CREATE TRIGGER no_room BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION no_room();;
CREATE TRIGGER no_room BEFORE INSERT ON walk_pages FOR EACH ROW EXECUTE FUNCTION no_room()
"""


@contextmanager
def bounded(desk: Desk, room: int) -> Iterator[None]:
    """The file may grow by so many pages, by the connection that is in the pool."""
    with desk.database.reading() as session:
        connection = session.connection()
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    def bound(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + room}")

    desk.database.close()
    event.listen(desk.database.engine, "connect", bound)
    try:
        yield
    finally:
        event.remove(desk.database.engine, "connect", bound)
        desk.database.close()


# Older than X


@contextmanager
def backed_up(desk: Desk) -> Iterator[Database]:
    """The rows as they stand now, in a database of their own."""
    url = make_url(desk.settings.database.url)
    if desk.database.is_sqlite:
        file = Path(str(url.database)).with_name("restored.db")
        with closing(sqlite.connect(str(url.database), isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(file),))
        restored = Database(f"sqlite:///{file}")
        yield restored
        restored.close()
        return
    desk.database.close()
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE restored TEMPLATE "{url.database}"'))
        restored = Database(url.set(database="restored").render_as_string(hide_password=False))
        yield restored
        restored.close()
        connection.execute(text("DROP DATABASE restored WITH (FORCE)"))
    server.dispose()


def test_a_restored_back_up_reads_again_what_came_since(
    busy: World, database: Database, x_desk: Desk, line: Line
) -> None:
    database.close()
    with backed_up(x_desk) as restored:
        poll(line, Channel.MENTIONS)
        busy.post("maria", f"@{HANDLE} ¿y ahora?")
        poll(line, Channel.MENTIONS)
        assert poll(on(line, restored), Channel.MENTIONS) == PAGES * ON_A_PAGE + 1
        oracle.everything_is_stored_once(busy, restored)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_reply_that_was_on_its_way_at_the_back_up_is_looked_for_before_it_is_sent_again(
    world: World, database: Database, x_desk: Desk, line: Line, cast: Cast, private: bool
) -> None:
    ask(world, line, "maria", private=private)
    reply_id = approve(x_desk, "maria", cast.ana, private=private)
    with x_desk.database.transaction() as session:
        assert outbox.claim(session, line.account_id)
    database.close()
    with backed_up(x_desk) as restored:
        settle(line)  # what the desk did after the back-up
        assert len(ours(world)) == 1
        settle(on(line, restored))
        reply = reply_of(changed(x_desk, database=restored), reply_id)
        assert (reply.state, [reply.x_id]) == (State.SENT, ours(world))


def test_a_post_that_was_only_approved_at_the_back_up_is_not_posted_twice(
    world: World, database: Database, x_desk: Desk, line: Line, cast: Cast
) -> None:
    """X refuses the same words a second time: an agent is told."""
    ask(world, line, "maria")
    reply_id = approve(x_desk, "maria", cast.ana)
    database.close()
    with backed_up(x_desk) as restored:
        send_all(line)
        send_all(on(line, restored))
        assert len(ours(world)) == 1
        assert reply_of(changed(x_desk, database=restored), reply_id).state == State.HELD
