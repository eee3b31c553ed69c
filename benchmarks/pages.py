"""How long the console's pages take with few cases in the database and many, and what they ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice, product
from statistics import quantiles
from time import perf_counter, process_time

from sqlalchemy import event

from benchmarks import addresses, bulk_filling
from benchmarks.asking import Asker
from benchmarks.bulk_filling import Filled
from socialdesk import intake
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people import agents, sign_ins
from socialdesk.people.agents import Role
from socialdesk.settings import AccountSettings, Settings

WARM_UP = 3
LONGEST_SECONDS = 2.0  # for one page in a round: slow ones get fewer requests
TARGETS = {"rules": [{"first_response_minutes": 60, "resolution_minutes": 2880}]}
SECOND = AccountSettings(handle="NorthwindIT", credentials="IT")


@dataclass(frozen=True, slots=True)
class Times:
    """In milliseconds, but for the `statements`, of which there were at most so many; `cpu` is the median of
    this process's own time, which on SQLite has the database's in it."""

    p50: float
    p95: float
    cpu: float
    statements: int
    requests: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """Of several rounds, between which the machine may have been itself or not, the one in the middle and the
    one in which the page was quickest."""

    middle: Times
    quickest: Times

    @classmethod
    def of(cls, times: Sequence[Times]) -> Rounds:
        ordered = sorted(times, key=lambda each: each.p50)
        most = max(each.statements for each in times)
        return cls(replace(ordered[len(ordered) // 2], statements=most), ordered[0])


@dataclass(frozen=True, slots=True)
class Sized:
    """What each page took with so many cases."""

    filled: Filled
    times: Mapping[str, Rounds]


def measure(
    database: Database, url: str, account: AccountSettings, cases: int, *, requests: int, rounds: int
) -> Sized:
    """In an empty database, which is filled with so many cases before."""
    filled = bulk_filling.fill(database, cases)
    return Sized(filled, times(url, account, requests=requests, rounds=rounds))


def times(url: str, account: AccountSettings, *, requests: int, rounds: int) -> dict[str, Rounds]:
    """Each page of the console, asked for through its door, one request after the other; all pages in turn,
    so many times over, so that none has all of the machine's better minutes."""
    settings = Settings.model_validate(
        {"accounts": [account, SECOND], "database": {"url": url}, "targets": TARGETS}
    )
    desk = assemble(settings)
    try:
        token = _signed_in(desk)
        intake.warm_up()  # as whoever serves does
        client = Asker(create_app(desk), token)
        paths = addresses.of_pages(desk.database, requests)
        took = asyncio.run(_all_timed(client, desk.database, paths, requests, rounds))
        return {page: Rounds.of(found) for page, found in took.items()}
    finally:
        desk.database.close()


async def _all_timed(
    client: Asker, database: Database, paths: Mapping[str, Sequence[str]], requests: int, rounds: int
) -> dict[str, list[Times]]:
    took: dict[str, list[Times]] = {page: [] for page in paths}
    for _, (page, told) in product(range(rounds), paths.items()):
        took[page].append(await _timed(client, database, told, requests))
    return took


def _signed_in(desk: Desk) -> str:
    """The token of a supervisor's cookie, who may see every page."""
    with desk.database.transaction() as session:
        sofia = agents.find(session, "sofia") or agents.hire(
            session,
            username="sofia",
            name="Sofia Lindgren",
            role=Role.SUPERVISOR,
            password="correct horse battery",
        )
        return sign_ins.open_for(session, sofia)


async def _timed(client: Asker, database: Database, paths: Sequence[str], requests: int) -> Times:
    for path in islice(cycle(paths), WARM_UP):
        await _get(client, path)
    took: list[float] = []
    worked: list[float] = []
    most, enough = 0, perf_counter() + LONGEST_SECONDS
    for path in islice(cycle(paths), requests):
        with _counted(database) as asked:
            begun, began = perf_counter(), process_time()
            await _get(client, path)
            took.append((perf_counter() - begun) * 1000)
            worked.append((process_time() - began) * 1000)
        most = max(most, len(asked))
        if len(took) > 2 and perf_counter() > enough:
            break
    cuts = quantiles(took, n=20, method="inclusive")
    return Times(cuts[9], cuts[18], quantiles(worked, n=2)[0], most, len(took))


async def _get(client: Asker, path: str) -> None:
    status = await client.get(path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}")


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """The statements while the block lasts, but for those that only begin a transaction."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET")):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)
