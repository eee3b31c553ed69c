"""What is never in a log, whatever goes wrong: keys, passwords, tokens, codes, and what customers wrote."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from socialdesk.cli import app
from socialdesk.people import codes
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.server import SandboxServer
from tests.conftest import HANDLE, KEYS
from tests.program import Program
from tests.test_cli import ENVIRONMENT
from tests.test_replay import STORY, written

PASSWORD, ANOTHER = "seven otters on bicycles", "nine herons under water"
WORDS = "The access code of my flat is Quittenbrot-88213, tell nobody"
OURS = "Your new voucher is Mirabellenmus-40772"
WRONG_KEYS = {name: f"wrong-{value}-indeed" for name, value in KEYS.items()}
PATIENCE = 90  # seconds, on a machine that is busy with other things
SERVING = {"run", "console", "worker", "sandbox", "demo"}
STAMPING = {"replies stamp"}  # writes into the reply library that ships with the desk
COMMANDS: tuple[tuple[str, str], ...] = (
    ("db upgrade", ""),
    ("agents add ana --name Ana --role agent", PASSWORD),
    ("agents add olga --name Olga --role admin", PASSWORD),
    ("agents add bad --name Bad", "password1"),
    ("agents password ana", ANOTHER),
    ("agents list", ""),
    ("agents reset-codes ana", ""),
    ("agents disable ana", ""),
    ("agents enable ana", ""),
    ("agents shifts", ""),
    ("tokens add ana --name figures --scope cases:read", ""),
    ("tokens list", ""),
    ("tokens revoke 77", ""),
    ("poll", ""),
    ("cases", ""),
    (f"reply 1 --by olga --private --approve --text {OURS!r}", ""),
    ("send", ""),
    ("send", ""),
    ("replay history.csv --handle NorthwindHelp", ""),
    ("detect", WORDS),
    ("fit", WORDS),
    ("doctor", ""),
    ("coverage", ""),
    ("stats", ""),
    ("summary", ""),
    ("privacy export kenji", ""),
    ("privacy tombstones", ""),
    ("privacy apply --by olga", ""),
    ("privacy scrub", ""),
    ("privacy erase kenji --by olga", ""),
    ("db recount", ""),
    ("replies check", ""),
    ("rules check", ""),
    ("rules list", ""),
    ("rules try account_in_public", ""),
    ("rules on account_in_public --by olga", ""),
    ("rules off account_in_public --by olga", ""),
    ("audit verify", ""),
    ("audit show", ""),
    ("targets apply", ""),
)
WITHOUT_SETTINGS = {"detect", "fit"}

_ONE_AFTER_THE_OTHER = """
import io, json, shlex, sys
from socialdesk.cli import main
for command, given in json.load(sys.stdin):
    sys.argv, sys.stdin = ["socialdesk", *shlex.split(command)], io.TextIOWrapper(io.BytesIO(given.encode()))
    try:
        main()
    except SystemExit as ended:
        print("ended", command, ended.code, flush=True)
"""


@dataclass(frozen=True)
class House:
    """A desk on SQLite beside an X at which things go wrong, and everything that was said there."""

    folder: Path
    settings: Path
    world: World


@pytest.fixture
def house(sandbox: SandboxServer, world: World, migrated_sqlite: Path, tmp_path: Path) -> House:
    shutil.copy(migrated_sqlite, tmp_path / "desk.db")
    written(tmp_path, STORY)
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[x]\napi_url = "{sandbox.url}"\n[database]\nurl = "sqlite:///desk.db"\n'
        "[polling]\nmentions_seconds = 1\n[sending]\nevery_seconds = 0.2\nundo_seconds = 0\n"
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "NORTHWIND"\n[log]\nlevel = "debug"\n'
    )
    world.add_user("kenji", "健二")
    world.direct_message("kenji", HANDLE, WORDS)
    return House(tmp_path, settings, world)


def said_by_all(house: House, **keys: str) -> tuple[str, str]:
    """What every command printed, and what it logged."""
    commands = [(_complete(house, command), given) for command, given in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", _ONE_AFTER_THE_OTHER],
        input=json.dumps(commands),
        capture_output=True,
        encoding="utf-8",
        cwd=house.folder,
        env=ENVIRONMENT | {f"X_NORTHWIND_{name.upper()}": value for name, value in keys.items()},
        timeout=PATIENCE * 3,
        check=True,
    )
    return done.stdout, done.stderr


def _complete(house: House, command: str) -> str:
    if command.split()[0] in WITHOUT_SETTINGS:
        return command
    return f"{command} --settings {house.settings}"


def names(command: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Of all commands."""
    if not isinstance(within := getattr(command, "commands", None), Mapping):
        yield " ".join(path)
        return
    for name, each in within.items():
        yield from names(each, (*path, name))


def told_in(log: str, secrets: Sequence[str]) -> list[str]:
    """Which of them stand in it, however they are written."""
    ways: tuple[Callable[[str], str], ...] = (str, quote, lambda secret: json.dumps(secret)[1:-1])
    return [secret for secret in secrets if any(way(secret) in log for way in ways)]


def test_every_command_is_looked_at() -> None:
    known = set(names(app))
    looked_at = {name for name in known for command, _ in COMMANDS if f"{command} ".startswith(f"{name} ")}
    assert known == looked_at | SERVING | STAMPING


@pytest.mark.parametrize("keys", [KEYS, WRONG_KEYS], ids=["keys", "wrong keys"])
def test_no_command_logs_a_secret(house: House, keys: dict[str, str]) -> None:
    house.world.faults.add(Fault("POST /2/dm_conversations/*", Kind.ACCEPT_THEN_DROP))
    printed, log = said_by_all(house, **keys)
    assert ("does not accept this account's keys" in log) == (keys == WRONG_KEYS), log
    tokens = [line for line in printed.splitlines() if re.fullmatch(r"\S{30,}", line)]
    assert tokens, "the API token is printed, and only that"
    assert told_in(log, [*keys.values(), PASSWORD, ANOTHER, WORDS, OURS, "Quittenbrot", *tokens]) == []


@dataclass(frozen=True, slots=True)
class Caller:
    """A browser, as far as cookies go."""

    host: str
    port: int
    cookies: dict[str, str]

    def ask(self, method: str, path: str, *, form: Mapping[str, str] | None = None, **more: str) -> str:
        asking = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        headers = {"Sec-Fetch-Site": "same-origin", **more}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        asking.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = asking.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                kept, _, token = value.partition(";")[0].partition("=")
                self.cookies[kept] = token
        said = answer.read().decode()
        asking.close()
        return said


@contextmanager
def running(house: House, form: str) -> Iterator[tuple[Caller, Path]]:
    """The whole desk in a process, and the file of its log."""
    log = house.folder / "log.txt"
    arguments = ["run", "--settings", str(house.settings), "--port", "0"]
    program = "from socialdesk.cli import main; main()"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=house.folder,
            env=ENVIRONMENT | {"SOCIALDESK_LOG__FORMAT": form},
        ) as process,
    ):
        assert process.stdout
        said = process.stdout.readline()
        assert said, log.read_text()
        address = urlsplit(said.split()[4].rstrip("."))
        yield Caller(address.hostname or "", address.port or 0, {}), log
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_desk_at_which_everything_fails_logs_no_secret(house: House, program: Program, form: str) -> None:
    password = "four badgers play the tuba"
    with running(house, form) as (caller, log):
        token = _set_up(house, program, caller, password)
        secret, recovery = _codes(caller, password)
        _wait(lambda: _count(house, "cases") > 0, log)
        _misbehave(house, caller)
        _wait(lambda: "Traceback" in log.read_text() and "page failed" in log.read_text(), log)
        _wait(lambda: "drop" in log.read_text() or "X" in log.read_text(), log)
    told = [*KEYS.values(), password, "wrong otter", secret, *recovery, token, *caller.cookies.values()]
    assert told_in(log.read_text(), [*told, WORDS, "Quittenbrot", OURS]) == []


def _set_up(house: House, program: Program, caller: Caller, password: str) -> str:
    """The first admin, and what she typed wrong; returns an API token of hers."""
    run = partial(program.run, folder=house.folder, environment=ENVIRONMENT)
    where = ("--settings", house.settings)
    run("agents", "add", "olga", "--name", "Olga", "--role", "admin", *where, given=password)
    given = run("tokens", "add", "olga", "--name", "n", "--scope", "cases:read", *where)
    assert given.code == 0, given.complained
    token = given.said.strip()
    caller.ask("POST", "/sign-in", form={"username": "wrong otter", "password": "wrong otter"})
    caller.ask("POST", "/sign-in", form={"username": "olga", "password": password})
    assert "desk" in caller.cookies
    caller.ask("GET", "/api/v1/cases", Authorization=f"Bearer {token}")
    caller.ask("GET", "/api/v1/cases", Authorization=f"Bearer {token}x")
    return token


def _codes(caller: Caller, password: str) -> tuple[str, list[str]]:
    """Her telephone's secret and her recovery codes."""
    caller.ask("POST", "/account/codes", form={"password": password})
    found = re.search(r"secret=([A-Z2-7]{32})&", caller.ask("GET", "/account/codes"))
    assert found
    code = codes.at_step(found[1], codes.now_step())
    page = caller.ask("POST", "/account/codes/confirmation", form={"code": code})
    recovery = re.findall(r"<code>([A-Z2-7 ]{29})</code>", page)
    assert recovery
    return found[1], recovery


def _misbehave(house: House, caller: Caller) -> None:
    """X drops what it did and refuses the rest; a row of the database is none that the desk wrote."""
    house.world.faults.add(Fault("POST *", Kind.ACCEPT_THEN_DROP))
    house.world.faults.add(Fault("GET *", Kind.STATUS, status=401, times=None))
    caller.ask(
        "POST", "/cases/1/replies", form={"text": OURS, "as": "private", "approve": "true", "seen": "1"}
    )
    with closing(sqlite3.connect(house.folder / "desk.db", timeout=PATIENCE)) as database:
        database.execute("UPDATE case_events SET told = ?", (WORDS,))
        database.commit()
    caller.ask("GET", "/cases/1")


def _count(house: House, table: str) -> int:
    with closing(sqlite3.connect(house.folder / "desk.db", timeout=PATIENCE)) as database:
        found: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def _wait(happened: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
