"""The real things every test runs against: both databases, the sandbox X, the desk and its cast.

The cast: Ana answers, Ben answers too, Sofia is the supervisor. @maria writes in Spanish about a late parcel,
@kenji in Japanese by direct message. The account is @NorthwindHelp.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Dialect, Engine, text
from sqlalchemy.util import LRUCache

from socialdesk import clock, engines, settings
from socialdesk.console import app as console_app
from socialdesk.console.pages import Pages
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people import keys as people_keys
from socialdesk.people.agents import Agent, Role
from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer
from socialdesk.settings import Settings
from socialdesk.tables import METADATA
from socialdesk.templating.library import Library
from socialdesk.workers.line import Line, open_lines
from tests.postgres import Postgres
from tests.program import Program

REPLIES = Path(__file__).parent.parent / "replies"
HANDLE = "NorthwindHelp"
WALKS_END_WHERE_THE_LAST_BEGAN = "overlap_minutes = 0\nsweep_hours = 0\n"  # and so stay as long as they are
PASSWORD = "correct horse battery"
SECRETS_KEY = "a-key-of-more-than-thirty-two-characters"
IN_MEMORY, MEMORY_ENOUGH = Path("/dev/shm"), 6 * 1024**3
KEYS = {
    "consumer_key": "northwind-app",
    "consumer_secret": "northwind-app-secret",
    "access_token": "northwind-token",
    "access_token_secret": "northwind-token-secret",
}


@dataclass(frozen=True)
class Cast:
    ana: Agent
    ben: Agent
    sofia: Agent


def pytest_configure() -> None:
    """Bytecode is kept, also on machines that are told to keep none: the tests start the program often,
    and it is half a second faster where it needs not be compiled each time. And a disk is not waited for
    where there is memory enough: the tests kill programs, never the machine.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > MEMORY_ENOUGH:
        tempfile.tempdir = os.environ["TMPDIR"] = str(IN_MEMORY)


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """The shipped reply texts and the pages are read by the first test that needs them, and by no other: each
    takes a third of a second, and neither changes once it is made.
    """
    load, shipped = Library.load, cache(Library.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Library, "load", lambda folder: (shipped if folder == REPLIES else load)(folder))
        patch.setattr(console_app, "Pages", cache(Pages))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """A statement is compiled by the first test that needs it, and by no other: SQLAlchemy keeps what it has
    compiled with the engine, and every test has one of its own. That was a third of the console's tests."""
    made, known, compiled = engines.create, dict[str, Dialect](), LRUCache[Any, Any](10_000)

    def engine(url: str, *, only_read: bool = False) -> Engine:
        new = made(url, only_read=only_read)
        first = known.get(new.dialect.name)
        if first is None or "default_isolation_level" not in vars(first):  # it was never connected
            known[new.dialect.name] = new.dialect
        else:
            new.dialect, new._compiled_cache = first, compiled
        return new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create", engine)
        yield


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    with Program() as program:
        yield program


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres(hasty=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    return migrated(postgres.create("desk"))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrated(f"sqlite:///{file}")
    return file


def migrated(url: str) -> str:
    """The same address, of a database that has every table."""
    database = Database(url)
    database.upgrade()
    database.close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database: every test that asks for it runs on both engines."""
    if request.param == "sqlite":
        file = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_postgres")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    if not database.is_sqlite:
        _empty(database)
    yield database
    database.close()


def _empty(database: Database) -> None:
    """Truncating would make some hundred files anew, for each test."""
    with database.transaction() as session:
        connection = session.connection()
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no keys, no triggers
        connection.execute(text(";".join(f'DELETE FROM "{table.name}"' for table in METADATA.sorted_tables)))
        connection.execute(text(_FROM_ONE_AGAIN))


_FROM_ONE_AGAIN = (
    "SELECT setval(quote_ident(sequencename)::regclass, 1, false)"
    " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


@pytest.fixture
def world() -> World:
    """X, with our account and nobody else."""
    world = World()
    world.add_user(HANDLE, "Northwind Help")
    world.add_app(HANDLE, **KEYS)
    return world


@pytest.fixture(scope="session")
def leaving() -> Iterator[ThreadPoolExecutor]:
    """Where servers end that no test needs any more: each takes its time, and nobody has to wait for it."""
    with ThreadPoolExecutor() as servers:
        yield servers


@pytest.fixture
def sandbox(world: World, leaving: ThreadPoolExecutor) -> Iterator[SandboxServer]:
    server = SandboxServer(world)
    server.start()
    yield server
    leaving.submit(server.stop)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(f"X_NORTHWIND_{name.upper()}", value)


@pytest.fixture
def make_settings(database_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Settings as a file would give them; keyword arguments are whole sections."""

    def make(**sections: Any) -> Settings:
        content = {
            "accounts": [{"handle": HANDLE, "credentials": "NORTHWIND"}],
            "database": {"url": database_url},
            "x": {"api_url": "http://127.0.0.1:1"},
            "sending": {"undo_seconds": 0},
        }
        return settings.build(content | sections, folder=tmp_path)

    return make


@pytest.fixture
def make_desk(database: Database, make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Desk]]:
    """A desk with such settings, closed when the test is over."""
    made = list[Desk]()

    def make(**sections: Any) -> Desk:
        made.append(assemble(make_settings(**sections)))
        return made[-1]

    yield make
    for desk in made:
        desk.database.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A desk without X: what comes in is handed to it."""
    return make_desk()


@pytest.fixture
def x_desk(make_desk: Callable[..., Desk], sandbox: SandboxServer, keys: None) -> Desk:
    """A desk that speaks to the sandbox over HTTP."""
    return make_desk(x={"api_url": sandbox.url, "web_url": f"{sandbox.url}/sandbox/web"})


@pytest.fixture
def secrets_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key that the desk's secrets are sealed with, as it is told to a desk on PostgreSQL."""
    monkeypatch.setenv(people_keys.VARIABLE, SECRETS_KEY)
    return SECRETS_KEY


def settings_of(desk: Desk, folder: Path, *, polling: str = "") -> Path:
    """A settings file for other processes that work for that desk; `polling` stands in that section."""
    file = folder / "settings.toml"
    file.write_text(
        f'[x]\napi_url = "{desk.settings.x.api_url}"\n[database]\nurl = "{desk.settings.database.url}"\n'
        f'[polling]\n{polling}[log]\nlevel = "error"\n'
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "NORTHWIND"\n'
    )
    return file


@pytest.fixture
def line(x_desk: Desk) -> Line:
    return open_lines(x_desk)[0]


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made with less work than the desk's own, so that to sign in costs a test nothing."""
    return Argon2Hasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)


@pytest.fixture
def cast(database: Database, password_hash: str) -> Cast:
    """Ana, Ben and Sofia, who all sign in with PASSWORD."""
    people = [("ana", "Ana Horvat", Role.AGENT), ("ben", "Ben Okoro", Role.AGENT)]
    people.append(("sofia", "Sofia Lindgren", Role.SUPERVISOR))
    with database.transaction() as session:
        hired = [
            Agent(
                username=username,
                name=name,
                role=role,
                password_hash=password_hash,
                hired_at=clock.now(),
            )
            for username, name, role in people
        ]
        session.add_all(hired)
    return Cast(*hired)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A test that could not run is never silent: it is named last, with what would make it run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("not run", sep="=", yellow=True)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason}")
