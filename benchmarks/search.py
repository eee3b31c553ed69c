"""How long each kind of search takes in a million messages, and what share of it is work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.engines import ENGINES
from benchmarks.phrases import PHRASES
from benchmarks.searchable import OLD_WORD, Filled, Filling, order
from benchmarks.vocabulary import Vocabulary
from socialdesk import search
from socialdesk.database import Database
from socialdesk.errors import TooLong
from socialdesk.people import agents, scope
from socialdesk.people.agents import Role
from socialdesk.workers.storing import BATCH

WANTED = 50.0  # milliseconds, p95
WARM_UP = 3
LONGEST_SECONDS = 15.0  # for one kind
ONE_ACCOUNT = 2  # which has 29 % of the cases

console = Console(highlight=False, width=100)


@dataclass(frozen=True, slots=True)
class Times:
    """In milliseconds; the CPU's are this process's and those of PostgreSQL's that works for it together.
    `found` is the most hits that one of the searches had."""

    p50: float
    p95: float
    cpu50: float
    cpu95: float
    found: int


@dataclass(frozen=True, slots=True)
class Searched:
    filled: Filled
    everywhere: Mapping[str, Times]
    one_account: Mapping[str, Times]


def measure(database: Database, messages: int, *, searches: int) -> Searched:
    """In an empty database, which is filled with so many messages before."""
    filled = Filling(database, _agent(database), messages).run()
    asked = _kinds(messages)
    with _cpu(database) as cpu:
        found = [
            {kind: _times(database, queries, accounts, searches, cpu) for kind, queries in asked.items()}
            for accounts in (None, frozenset({ONE_ACCOUNT}))
        ]
    return Searched(filled, *found)


def _agent(database: Database) -> int:
    with database.transaction() as session:
        agent = agents.hire(
            session, username="sofia", name="Sofia", role=Role.SUPERVISOR, password="correct horse battery"
        )
        session.flush()
        return agent.id or 0


def _kinds(messages: int) -> dict[str, list[str]]:
    words = {language: Vocabulary(language).words for language in PHRASES}
    some = range(7, messages, messages // 40)
    rare, rarer = words["en"][-400], words["de"][-700]
    return {
        "a word in most of them": ["northwindhelp"],
        "a common word": ["the", "parcel", "paquete", "paket", "colis", "注文", "طلبي"],
        "the beginning of a common word": ["pa", "par", "ke", "co"],
        "the 40th word of each language": [each[40] for each in words.values()],
        "the 400th": [each[400] for each in words.values()],
        "the 4,000th": [each[4_000] for each in words.values()],
        "two common words": ["parcel depot", "the kettle", "northwindhelp the", "mein paket"],
        "two that seldom meet": [
            "kettle boots",
            "boots kettl",
            *(f"{w[40]} {w[41]}" for w in words.values()),
        ],
        "two that never meet": ["the que", "der que", "parcel paquete"],
        "a common and a rare one": [f"the {rare}", f"{rare} the", f"northwindhelp {rarer}", f"{rarer} nor"],
        "common long ago": [OLD_WORD, "adve"],
        "a part of a Japanese word": ["引き落とさ", "届いて", "確認注文", "ログインま"],
        "one Japanese letter": ["靴", "皿", "箱"],
        "many words": ["the kettle I ordered arrived without its lid when will I hear from you"],
        "an order number": [str(order(number)) for number in some],
        "a customer's name": ["maria 7", "健二", "ليلى 1", "jurgen", "asa 5012"],
        "a handle": [f"@customer{number // 3:07}" for number in some],
        "one of X's ids": [str(10**18 + number) for number in some],
        "a note": ["called back", "called back sees"],
        "nothing": ["zzyzx", "quokka parcel", "the quokka", "鰻鰻", "987654321987"],
    }


def _times(
    database: Database,
    queries: Sequence[str],
    accounts: Collection[int] | None,
    searches: int,
    cpu: Callable[[], float],
) -> Times:
    took: list[float] = []
    worked: list[float] = []
    found, enough = 0, perf_counter() + LONGEST_SECONDS
    for at, query in enumerate(islice(cycle(queries), WARM_UP + searches)):
        begun, began = perf_counter(), cpu()
        with suppress(TooLong), scope.narrowed(database, accounts).reading() as session:
            found = max(found, len(search.find(session, query, account_ids=accounts).hits))
        if at >= WARM_UP:
            took.append((perf_counter() - begun) * 1000)
            worked.append((cpu() - began) * 1000)
        if len(took) > 2 and perf_counter() > enough:
            break
    cuts, shares = quantiles(took, n=20, method="inclusive"), quantiles(worked, n=20, method="inclusive")
    return Times(cuts[9], cuts[18], shares[9], shares[18], found)


@contextmanager
def _cpu(database: Database) -> Iterator[Callable[[], float]]:
    """Seconds of the processor until now; without Linux PostgreSQL's are not in it."""
    if database.is_sqlite:
        yield process_time
        return
    with database.reading() as session:  # the only connection of the pool that is used here
        server = int(session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one())
    told = Path(f"/proc/{server}/schedstat")
    if not told.exists():
        yield process_time
        return
    yield lambda: process_time() + int(told.read_text().split()[0]) / 1e9


def show(engine: str, messages: int, searched: Searched) -> None:
    for scope_, times in (("all", searched.everywhere), ("one of three", searched.one_account)):
        title = f"{ENGINES[engine]}, {messages:,} messages, {scope_} accounts"
        wanted = f"wanted: {WANTED:.0f}"
        table = Table("search, ms", "p50", "p95", wanted, "CPU p50", "CPU p95", "hits", title=title)
        for kind, each in times.items():
            kept = "yes" if each.p95 <= WANTED else "NO"
            figures = (f"{each.cpu50:.1f}", f"{each.cpu95:.1f}", str(each.found))
            table.add_row(kind, f"{each.p50:.1f}", f"{each.p95:.1f}", kept, *figures)
        console.print(table)
    filled = searched.filled
    console.print(
        f"Filled in {filled.seconds:.0f} s, {filled.megabytes:,.0f} MB in all; indexing"
        f" {filled.indexing:.0f} µs a message, in transactions of {BATCH}.\n"
    )
