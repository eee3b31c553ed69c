"""How long the console's pages take, from the browser's side, with few cases in the database and many."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.parse import urlencode

from sqlmodel import Session, select

from benchmarks import serving
from benchmarks.filling import Filled, Filling
from benchmarks.serving import Browser
from socialdesk import agents, queues, sign_ins
from socialdesk.agents import Agent, Role
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.languages import LANGUAGES
from socialdesk.settings import AccountSettings

QUEUE, BY_LANGUAGE, DEEP, CASE = "queue", "queue, one language", "queue, a deep page", "case"
WEEK, ALL_TIME = "languages, 7 days", "languages, all time"
SEED = 2
WARM_UP = 20
LONGEST_SECONDS = 8.0  # for one page: slow ones get fewer requests
_DEPTHS = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the cases that wait


@dataclass(frozen=True, slots=True)
class Times:
    """In milliseconds."""

    p50: float
    p95: float
    requests: int


@dataclass(frozen=True, slots=True)
class Sized:
    """What each page took with so many cases."""

    cases: int
    times: Mapping[str, Times]


@dataclass(frozen=True, slots=True)
class Measured:
    sizes: Sequence[Sized]
    filled: Filled


def measure(
    database: Database,
    account_id: int,
    url: str,
    account: AccountSettings,
    folder: Path,
    *,
    sizes: Sequence[int],
    requests: int,
) -> Measured:
    """One database, measured at each size as it is filled further; `url` is where the console finds it."""
    sofia, token = _signed_in(database)
    filling = Filling(database, account_id, sofia)
    found = []
    for cases in sizes:
        filling.up_to(cases)
        paths = _paths(database, requests)
        with serving.console(url, account, folder) as address:
            found.append(Sized(cases, _times(Browser(address, token), paths, requests)))
    return Measured(found, filling.checked())


def _signed_in(database: Database) -> tuple[Agent, str]:
    """Sofia, who may see every page, and the token of her browser's cookie."""
    with database.transaction() as session:
        sofia = agents.hire(
            session,
            username="sofia",
            name="Sofia Lindgren",
            role=Role.SUPERVISOR,
            password="correct horse battery",
        )
        return sofia, sign_ins.open_for(session, sofia)


def _paths(database: Database, requests: int) -> dict[str, list[str]]:
    """Addresses of each page, to be asked for in turn."""
    with database.reading() as session:
        return {
            QUEUE: ["/queue"],
            BY_LANGUAGE: [_queue(language=code) for code in LANGUAGES],
            DEEP: _deep(session),
            CASE: _some_cases(session, requests),
            WEEK: ["/languages"],
            ALL_TIME: ["/languages?days=all"],
        }


def _deep(session: Session) -> list[str]:
    """Pages that follow the case half-way down the queue, and further down."""
    waiting = queues.numbers(session, Status.WAITING).by_status[Status.WAITING]
    query = select(Case.waiting_since, Case.id).where(Case.status == Status.WAITING)
    rows = session.exec(query.order_by(Case.waiting_since, Case.id)).all()  # type: ignore[arg-type]
    assert len(rows) == waiting, "the kept counts are right"
    places = [rows[int(depth * waiting)] for depth in _DEPTHS]
    return [_queue(after=f"{at.isoformat()}~{case_id}") for at, case_id in places if at]


def _some_cases(session: Session, number: int) -> list[str]:
    ids = sorted(case_id for case_id in session.exec(select(Case.id)) if case_id is not None)
    chosen = random.Random(SEED).sample(ids, min(number, len(ids)))
    return [f"/cases/{case_id}?from=waiting" for case_id in chosen]


def _queue(**query: str) -> str:
    return f"/queue?{urlencode({'status': Status.WAITING.value} | query)}"


def _times(browser: Browser, paths: Mapping[str, Sequence[str]], requests: int) -> dict[str, Times]:
    try:
        return {page: _timed(browser, addresses, requests) for page, addresses in paths.items()}
    finally:
        browser.close()


def _timed(browser: Browser, addresses: Sequence[str], requests: int) -> Times:
    for address in islice(cycle(addresses), WARM_UP):
        browser.get(address)
    took: list[float] = []
    enough = perf_counter() + LONGEST_SECONDS
    for address in islice(cycle(addresses), requests):
        begun = perf_counter()
        browser.get(address)
        took.append((perf_counter() - begun) * 1000)
        if perf_counter() > enough:
            break
    cuts = quantiles(took, n=20, method="inclusive")
    return Times(cuts[9], cuts[18], len(took))
