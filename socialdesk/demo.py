"""The demo: a lively local X, the workers and the console, in one process on one port."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from babel.lists import format_list
from starlette.types import ASGIApp, Receive, Scope, Send

from socialdesk import desk, first_drafts, logs, settings, signals
from socialdesk.console.app import create_app
from socialdesk.console.server import ConsoleServer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import DatabaseUnusable, DeskError
from socialdesk.languages import name_of
from socialdesk.people import agents, skills
from socialdesk.people.agents import Role
from socialdesk.people.skills import Level
from socialdesk.routing import shifts
from socialdesk.sandbox import World
from socialdesk.sandbox import create_app as create_sandbox
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.scenario import SHOP, SHOP_NAME, Scenario
from socialdesk.sandbox.server import SandboxServer
from socialdesk.settings import CHECKOUT, Settings
from socialdesk.settings.promises import WEEKDAYS
from socialdesk.workers.schedule import Schedule

FOLDER = CHECKOUT / "var" / "demo"
FILE = "demo.db"  # a name of its own: a folder that holds a real desk must survive a demo in it
KEPT = 3  # earlier demos, as demo-1.db and so on
HOST = "127.0.0.1"
PASSWORD = "northwind-demo"  # noqa: S105  (of imaginary people in an imaginary shop)
PEOPLE = (
    ("olga", "Olga Marchetti", Role.ADMIN),
    ("sofia", "Sofia Lindgren", Role.SUPERVISOR),
    ("ana", "Ana Horvat", Role.AGENT),
    ("ben", "Ben Okoro", Role.AGENT),
    ("rita", "Rita Vandenberg", Role.READ_ONLY),
)
WRITES = {
    "olga": ("en", "it"),
    "sofia": ("en", "sv", "de"),
    "ana": ("en", "es", "pt", "pl"),
    "ben": ("en", "fr", "nl", "ja"),
}
# By user name, when they work: on each day, by the clock of UTC.
SHIFTS = {"olga": "08:00-16:00", "sofia": "08:00-18:00", "ana": "06:00-15:00", "ben": "14:00-23:00"}
READS = {"sofia": ("nl", "cs"), "ana": ("it", "cs"), "ben": ("es", "tr", "ar"), "rita": ("en", "fr", "nl")}
_SAID = {
    Role.ADMIN: "admin",
    Role.SUPERVISOR: "supervisor",
    Role.AGENT: "agent",
    Role.READ_ONLY: "only reads",
}
# What agents write for everybody to read is read by a colleague first, unless it is a template's words.
APPROVALS = ({"role": "agent", "channel": "public", "words": "free", "needs": "colleague"},)
# Personal data in public is soonest due, then direct messages.
TARGETS = (
    {"first_response_minutes": 180, "next_response_minutes": 240, "resolution_minutes": 2880},
    {"channel": "private", "first_response_minutes": 45, "next_response_minutes": 90},
    {"priority": "high", "first_response_minutes": 10, "next_response_minutes": 30},
)
KEYS = {
    "consumer_key": "demo-consumer-key",
    "consumer_secret": "demo-consumer-secret",
    "access_token": "demo-access-token",
    "access_token_secret": "demo-access-token-secret",
}


def run(port: int, folder: Path) -> None:
    """Serve until Ctrl-C. Begins anew each time, since the imaginary X remembers nothing of its posts; what
    was done in the demo before is kept aside."""
    until_told = signals.listen()
    both = Both()
    console = ConsoleServer(both, HOST, port)
    with _own(folder) as earlier:
        set_up = _settings(console.url, folder)
        logs.configure(set_up.log)
        opened, world = _open(set_up), _impatient(our_x())
        both.console, both.x = create_app(opened), create_sandbox(world)
        # X goes last: the workers may be asking it something.
        with console, Schedule(opened), _playing(world), first_drafts.written(opened):
            _welcome(console.url, folder, earlier)
            until_told()
        opened.database.close()


def serve_sandbox(port: int, *, lively: bool) -> None:
    """The local X alone, until Ctrl-C."""
    world = our_x()
    server = SandboxServer(world, HOST, port)
    try:
        server.bind()
    except OSError as error:
        raise DeskError(
            f"Port {port} on {HOST} is taken: stop what uses it, or choose another one."
        ) from error
    with _playing(world) if lively else nullcontext():
        keys = "\n".join(f"  export X_{SHOP.upper()}_{name.upper()}={value}" for name, value in KEYS.items())
        print(f"A local X is at {server.url}; people see it at {server.url}/sandbox/web/.", flush=True)  # noqa: T201
        print(f'The keys of @{SHOP}, for credentials = "{SHOP.upper()}":\n{keys}', flush=True)  # noqa: T201
        server.serve_until_told()


def our_x() -> World:
    """X with our account on it and nobody else yet."""
    world = World()
    world.add_user(SHOP, SHOP_NAME)
    world.add_app(SHOP, **KEYS)
    return world


def _impatient(world: World) -> World:
    """The demo looks and answers more often than X would ever grant."""
    for endpoint in ("GET *", "POST *"):
        world.limits.change(endpoint, Limit(100_000, per_day=1_000_000))
    return world


class Both:
    """The console, and X behind the paths that are X's; put in once the address they stand on is known."""

    console: ASGIApp
    x: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        for_x = path.startswith(("/2/", "/sandbox/")) or path == "/sandbox"
        await (self.x if for_x else self.console)(scope, receive, send)


@contextmanager
def _playing(world: World) -> Iterator[None]:
    stop = threading.Event()
    scenario = Scenario(world)
    scenario.open()
    player = threading.Thread(target=scenario.run, args=(stop,), name="scenario", daemon=True)
    player.start()
    try:
        yield
    finally:
        stop.set()
        player.join(2)


def _settings(address: str, folder: Path) -> Settings:
    for name, value in KEYS.items():
        os.environ[f"X_DEMO_{name.upper()}"] = value
    return settings.build(
        {
            "x": {"api_url": address, "web_url": f"{address}/sandbox/web"},
            "accounts": [{"handle": SHOP, "credentials": "DEMO"}],
            "console": {"port": urlsplit(address).port},
            "database": {"url": f"sqlite:///{folder.resolve() / FILE}"},
            "polling": {"mentions_seconds": 2, "direct_messages_seconds": 3, "stretch": 1},
            "sending": {"every_seconds": 0.5, "settle_seconds": 30},
            "approvals": {"rules": APPROVALS},
            "targets": {"rules": TARGETS},
            "log": {"level": "warning"},
        },
        folder=folder,
        by_command=True,
        prefix="SOCIALDESK_DEMO_",  # an installation's own variables are not meant for the demo
    )


def _open(set_up: Settings) -> Desk:
    Database(set_up.database.url).upgrade()
    opened = desk.assemble(set_up)
    with opened.database.transaction() as session:
        for username, name, role in PEOPLE:
            agent = agents.hire(session, username=username, name=name, role=role, password=PASSWORD)
            skills.learn(session, agent, _levels(username))
            if hours := SHIFTS.get(username):
                week = dict.fromkeys(WEEKDAYS, (hours,))
                shifts.plan(session, agent, shifts.Plan("UTC", week), by=None)
    return opened


def _levels(username: str) -> dict[str, Level]:
    reads = dict.fromkeys(READS.get(username, ()), Level.READS)
    return reads | dict.fromkeys(WRITES.get(username, ()), Level.WRITES)


@contextmanager
def _own(folder: Path) -> Iterator[Path | None]:
    """The folder for this demo alone, and where in it the one before is now. No other file is touched."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{FILE}.lock").open("w")
    except OSError as error:
        raise _no_place(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseUnusable(
                f"Another demo keeps its files in {folder}: name another with --data."
            ) from error
        try:
            kept = _keep_aside(folder)
        except OSError as error:
            raise _no_place(folder, error) from error
        yield kept


def _keep_aside(folder: Path) -> Path | None:
    """The demo before under a name with the next number, the oldest beyond three gone."""
    if not (folder / FILE).exists():
        _remove(folder / FILE)
        return None
    earlier = _earlier(folder)
    kept = folder / f"demo-{_number(earlier[-1]) + 1 if earlier else 1}.db"
    for suffix in ("", "-wal"):  # a demo that was killed has left much of itself in its journal
        if (there := folder / f"{FILE}{suffix}").exists():
            there.rename(f"{kept}{suffix}")
    _remove(folder / FILE)
    for old in [*earlier, kept][:-KEPT]:
        _remove(old)
    return kept


def _earlier(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted((file for file in folder.glob("demo-*.db") if _number(file)), key=_number)


def _number(file: Path) -> int:
    """0 for a file that is none of ours."""
    found = re.fullmatch(r"demo-([1-9]\d{0,8})\.db", file.name)
    return int(found[1]) if found else 0


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


def _no_place(folder: Path, error: OSError) -> DatabaseUnusable:
    return DatabaseUnusable(f"The demo cannot keep its files in {folder}: {error.strerror}.")


def _welcome(address: str, folder: Path, earlier: Path | None) -> None:
    people = "\n".join(
        f"  {username:<6} {name:<16} {_told(username, role)}" for username, name, role in PEOPLE
    )
    print(  # noqa: T201
        f"\nThe console is at {address}, and what X shows of it at {address}/sandbox/web/.\n"
        f"Sign in as one of these, each with the password {PASSWORD}:\n{people}\n"
        f"Files are in {folder}. {_begun(earlier)}\nCtrl-C ends it.\n",
        flush=True,
    )


def _begun(earlier: Path | None) -> str:
    """What somebody who was here before must know: his replies and templates are not in this one."""
    if earlier is None:
        return (
            "A demo begins afresh each time: the next one will have nothing of this one, and keep it aside."
        )
    return (
        "A demo begins afresh each time, since the local X remembers nothing:"
        f" the one before is kept as {earlier.name}, and nothing it had approved is sent any more."
    )


def _told(username: str, role: Role) -> str:
    """Who it is: "agent, writes English and Spanish, reads Italian"."""
    told = [_SAID[role]]
    for verb, codes in (("writes", WRITES.get(username)), ("reads", READS.get(username))):
        if codes:
            told.append(f"{verb} {format_list([name_of(code) for code in codes], locale='en')}")
    return ", ".join(told)
