"""How soon an open console is told: from the poll that brings a hundred new mentions to the last of them in
the live feed.

.venv/bin/python -m benchmarks.arrival
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks import engines
from benchmarks.engines import ENGINES
from benchmarks.traffic import HANDLE
from socialdesk import clock
from socialdesk.database import Database
from socialdesk.people import agents, sign_ins
from socialdesk.people.agents import Role
from socialdesk.sandbox import World
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.server import SandboxServer
from socialdesk.settings import AccountSettings

ACCOUNT = AccountSettings(handle=HANDLE, credentials="ARRIVAL")
SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
AT_ONCE = 100
EVERY_SECONDS = 3.0  # between two looks of the poller
WANTED = 1.0  # seconds from the poll to the last of them
PATIENCE = 60


@dataclass
class Listener:
    """An open console: the cases it has been told of, and when it heard of the last new one."""

    cases: set[int] = field(default_factory=set)
    heard_at: datetime = field(default_factory=clock.now)
    opened: threading.Event = field(default_factory=threading.Event)

    def listen(self, address: str, token: str) -> None:
        cookie = {"Cookie": f"desk={token}"}
        with (
            suppress(httpx2.RemoteProtocolError),  # the desk's end is the feed's
            httpx2.Client(base_url=address, headers=cookie, timeout=None) as browser,
            browser.stream("GET", "/live") as feed,
        ):
            for line in feed.raise_for_status().iter_lines():
                self.opened.set()
                if line.startswith("data:"):
                    self._hear({event["case"] for event in json.loads(line.removeprefix("data:"))})

    def _hear(self, cases: set[int]) -> None:
        if cases - self.cases:
            self.heard_at = clock.now()
            self.cases |= cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    asked = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        for engine in asked.engines:
            with engines.started(engine, folder) as new_url:
                found[engine] = _measure(new_url("arrival"), folder, asked.rounds)
    return _tell(found)


def _measure(url: str, folder: Path, rounds: int) -> list[float]:
    """Seconds from the poll's arrival at X to the last mention told, for each round."""
    world = small_world()
    with engines.opened(url, ACCOUNT) as (database, _), SandboxServer(world) as x:
        token, listener = new_token(database), Listener()
        with desk_beside(url, x.url, folder) as address:
            threading.Thread(target=listener.listen, args=(address, token), daemon=True).start()
            if not listener.opened.wait(PATIENCE):
                raise RuntimeError("the live feed did not open")
            return [_round(world, listener, number) for number in range(rounds)]


def _round(world: World, listener: Listener, number: int) -> float:
    """A hundred people write right after a look, so that the next one brings all of them."""
    people = [world.add_user(f"customer{number}_{each}").handle for each in range(AT_ONCE)]
    looked = _looks(world)
    _wait_for(lambda: len(_looks(world)) > len(looked))
    before = len(_looks(world))
    for each, handle in enumerate(people):
        world.post(handle, f"@{HANDLE} ¿dónde está mi paquete? Van {each} días.")
    _wait_for(lambda: len(listener.cases) >= AT_ONCE * (number + 1))
    return (listener.heard_at - _looks(world)[before]).total_seconds()


def _looks(world: World) -> list[datetime]:
    return [each.time for each in list(world.requests) if each.path.endswith("/mentions")]


def _wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("the desk did not tell of what came in")
        time.sleep(0.005)


def small_world() -> World:
    world = World()
    world.add_user(HANDLE)
    world.add_app(HANDLE, **{name: f"arrival-{name}" for name in SECRETS})
    world.limits.change("GET *", Limit(100_000))
    return world


def new_token(database: Database) -> str:
    with database.transaction() as session:
        sofia = agents.hire(
            session,
            username="sofia",
            name="Sofia Lindgren",
            role=Role.SUPERVISOR,
            password="correct horse battery",
        )
        return sign_ins.open_for(session, sofia)


@contextmanager
def desk_beside(url: str, x_url: str, folder: Path) -> Iterator[str]:
    """The address of the console of `socialdesk run`: poller, sender and console in one process."""
    file = folder / "settings.toml"
    file.write_text(
        f'[x]\napi_url = "{x_url}"\n[database]\nurl = "{url}"\n[log]\nlevel = "error"\n'
        f"[polling]\nmentions_seconds = {EVERY_SECONDS}\nstretch = 1\noverlap_minutes = 0\n"
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "{ACCOUNT.credentials}"\n',
        encoding="utf-8",
    )
    secrets = {f"X_{ACCOUNT.credentials}_{name.upper()}": f"arrival-{name}" for name in SECRETS}
    environment = os.environ | secrets | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "socialdesk", "run", "--settings", str(file), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            yield next(word.rstrip(".") for word in said.split() if word.startswith("http://"))
        finally:
            process.kill()


def _tell(found: dict[str, list[float]]) -> int:
    table = Table("database", "shortest", "median", "longest", "rounds", f"wanted: {WANTED:g} s or less")
    table.title = f"{AT_ONCE} mentions at once: seconds from the poll to the last of them in an open console"
    for engine, seconds in found.items():
        in_order = sorted(seconds)
        figures = (in_order[0], in_order[len(in_order) // 2], in_order[-1])
        verdict = "met" if in_order[-1] <= WANTED else "NOT MET"
        table.add_row(ENGINES[engine], *(f"{figure:.2f}" for figure in figures), str(len(in_order)), verdict)
    Console(highlight=False, width=110).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
