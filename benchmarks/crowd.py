"""How long the queue's page takes while thousands of mentions come in, beside how long it takes when none do.

.venv/bin/python -m benchmarks.crowd
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx2
from rich.console import Console
from rich.table import Table
from sqlmodel import func, select

from benchmarks import engines
from benchmarks.arrival import ACCOUNT, desk_beside, new_token, small_world
from benchmarks.engines import ENGINES
from benchmarks.traffic import HANDLE
from socialdesk.database import Database
from socialdesk.messages import Message
from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer

PAGE = "/queue"
IDLE_SECONDS = 10.0
PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each request, and how many mentions came in meanwhile, in how many seconds."""

    milliseconds: list[float]
    arrived: int
    seconds: float

    @property
    def shown(self) -> tuple[str, ...]:
        steps = quantiles(self.milliseconds, n=20)
        figures = (f"{steps[9]:.0f}", f"{steps[18]:.0f}", f"{max(self.milliseconds):.0f}")
        return *figures, str(len(self.milliseconds)), f"{self.arrived:,}", f"{self.seconds:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=5_000)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    asked = parser.parse_args()
    table = Table("database", "", "p50 ms", "p95 ms", "longest", "requests", "mentions", "seconds")
    table.title = "The queue's page while mentions come in"
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        for engine in asked.engines:
            with engines.started(engine, folder) as new_url:
                for when, times in _measure(new_url("crowd"), folder, asked.mentions).items():
                    table.add_row(ENGINES[engine], when, *times.shown)
    Console(highlight=False, width=110).print(table)
    return 0


def _measure(url: str, folder: Path, mentions: int) -> dict[str, Times]:
    world = small_world()
    with engines.opened(url, ACCOUNT) as (database, _), SandboxServer(world) as x:
        token = new_token(database)
        _write(world, 100)
        with desk_beside(url, x.url, folder) as address:
            _wait_until(lambda: _stored(database) >= 100)
            idle = _ask(database, address, token, _for_seconds(IDLE_SECONDS))
            writing = threading.Thread(target=_write, args=(world, mentions), daemon=True)
            writing.start()
            crowded = _ask(database, address, token, lambda: _stored(database) >= 100 + mentions)
            writing.join()
    return {"idle": idle, "arriving": crowded}


def _for_seconds(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _write(world: World, mentions: int) -> None:
    """A hundred a second: X keeps 800 in reach, and the desk looks every three seconds."""
    for number in range(mentions):
        author = world.add_user(f"customer{len(world.requests)}_{number}").handle
        world.post(author, f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")
        if number % 100 == 99:
            time.sleep(1.0)


def _ask(database: Database, address: str, token: str, is_over: Callable[[], bool]) -> Times:
    before, begun, taken = _stored(database), time.monotonic(), list[float]()
    with httpx2.Client(base_url=address, headers={"Cookie": f"desk={token}"}, timeout=60) as browser:
        while not is_over():
            if time.monotonic() - begun > PATIENCE:
                raise RuntimeError("the mentions did not all come in")
            asked_at = time.perf_counter()
            browser.get(PAGE).raise_for_status()
            taken.append((time.perf_counter() - asked_at) * 1000)
    return Times(taken, _stored(database) - before, time.monotonic() - begun)


def _stored(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Message)).one()


def _wait_until(is_over: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_over():
        if time.monotonic() > end:
            raise RuntimeError("the desk has taken in nothing")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
