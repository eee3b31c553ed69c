"""How long a search takes when there is much to search: `python -m benchmarks.search`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle, islice
from statistics import quantiles
from time import perf_counter, process_time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from benchmarks import engines
from benchmarks.__main__ import Engine
from benchmarks.__main__ import _temporary_folder as temporary_folder
from benchmarks.engines import ENGINES
from benchmarks.traffic import HANDLE, Traffic, profile
from socialdesk import clock, customers, search
from socialdesk.bulk import insert_returning
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.messages import Direction, Incoming, Message
from socialdesk.settings import AccountSettings
from socialdesk.workers.storing import BATCH

ACCOUNT = AccountSettings(handle=HANDLE, credentials="NORTHWIND")
WANTED = 50.0  # milliseconds, p95
PERIOD = timedelta(days=365)
CHUNK = 5_000
TIMED = 3_000  # messages
SEARCHES = 60
WARM_UP = 5
LONGEST_SECONDS = 20.0  # for one kind
BOTH = "the kettle I ordered arrived without its lid and for one pair of boots I was charged twice"
BOTH_EVERY = 30_000  # messages
OLD_WORD, OLD_SHARE, OLD_EVERY = "advent", 0.3, 3  # in a third of the messages, long ago

console = Console(highlight=False, width=100)


@dataclass(frozen=True, slots=True)
class Filled:
    """`indexing` is how long what search needs took, in microseconds a message."""

    indexing: float
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Times:
    """In milliseconds; `found` is the most hits that one of the searches had."""

    p50: float
    p95: float
    found: int


class Filling:
    """Messages written as plain rows, a case for each: what intake does besides is measured elsewhere."""

    def __init__(self, database: Database, account_id: int, messages: int) -> None:
        self._database = database
        self._account_id = account_id
        self._messages = messages
        self._traffic = Traffic(7, clock.now() - PERIOD, PERIOD, messages)
        self._numbers = count(1)
        self._people: dict[str, int] = {}

    def run(self) -> Filled:
        """The last messages are indexed in batches as small as intake's, and timed."""
        begun = perf_counter()
        for left in range(self._messages - TIMED, 0, -CHUNK):
            with self._database.transaction() as session:
                self._index(session, self._add(session, min(CHUNK, left)))
        with self._database.transaction() as session:
            session.connection().execute(text("ANALYZE"))
        indexing = sum(self._timed() for _ in range(TIMED // BATCH)) / TIMED
        return Filled(indexing * 1e6, perf_counter() - begun, _megabytes(self._database))

    def _timed(self) -> float:
        with self._database.transaction() as session:
            texts = self._add(session, BATCH)
        with self._database.transaction() as session:
            begun = process_time() if self._database.is_sqlite else perf_counter()
            self._index(session, texts)
        return (process_time() if self._database.is_sqlite else perf_counter()) - begun

    def _index(self, session: Session, texts: Mapping[int, str]) -> None:
        search.index(session, search.Source.MESSAGE, texts)

    def _add(self, session: Session, messages: int) -> dict[int, str]:
        batch = self._traffic.take(messages)
        people = dict.fromkeys(each.author_x_id for each in batch if each.author_x_id not in self._people)
        customers.learn(session, [profile(x_id) for x_id in people])
        session.flush()
        self._people |= {x_id: each.id or 0 for x_id, each in customers.known(session, people).items()}
        numbers = list(islice(self._numbers, messages))
        texts = [self._text(each.text, number) for each, number in zip(batch, numbers, strict=True)]
        rows = list(zip(batch, numbers, texts, strict=True))
        session.connection().execute(insert(Case), [self._case(*row) for row in rows])
        stored = insert_returning(session, Message, [self._message(*row) for row in rows], ("id", "text"))
        return {row[0]: row[1] for row in sorted(stored)}

    def _text(self, told: str, number: int) -> str:
        if number % BOTH_EVERY == BOTH_EVERY // 2:
            return BOTH
        old = number < self._messages * OLD_SHARE and number % OLD_EVERY == 0
        return f"{told} {OLD_WORD}" if old else told

    def _case(self, each: Incoming, number: int, told: str) -> dict[str, Any]:
        return {
            "id": number,
            "account_id": self._account_id,
            "customer_id": self._people[each.author_x_id],
            "status": Status.WAITING,
            "language": each.x_language,
            "visibility": each.visibility,
            "opened_at": each.sent_at,
            "waiting_since": each.sent_at,
            "last_message_at": each.sent_at,
            "customer_wrote_at": each.sent_at,
            "excerpt": told,
        }

    def _message(self, each: Incoming, number: int, told: str) -> dict[str, Any]:
        return {
            "id": number,
            "account_id": self._account_id,
            "case_id": number,
            "customer_id": self._people[each.author_x_id],
            "x_id": each.x_id,
            "visibility": each.visibility,
            "direction": Direction.INBOUND,
            "text": told,
            "sent_at": each.sent_at,
            "taken_in_at": each.sent_at,
            "language": each.x_language,
            "confidence": 1.0,
            "language_source": "detector",
        }


def _megabytes(database: Database) -> float:
    size = "pg_database_size(current_database())"
    if database.is_sqlite:
        size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.reading() as session:
        return int(session.connection().execute(text(f"SELECT {size}")).scalar_one()) / 1e6


def _kinds(database: Database) -> dict[str, list[str]]:
    with database.reading() as session:
        some = session.exec(select(Message).where(col(Message.id) % 9973 == 7).limit(50)).all()
    orders = [
        found[1] for each in some if (found := re.search(r"#(\d{6})|/o/(\d{6})", each.text)) and found[1]
    ]
    numbers = [str(int(each.x_id) % 90_000 + 10_000) for each in some]
    return {
        "a word in nearly all of them": ["northwindhelp"],
        "a common word": ["parcel", "paquete", "paket", "colis", "荷物", "طلبي"],
        "the beginning of a common word": ["pa", "par", "kett", "courie"],
        "two common words": ["parcel depot", "boots charged", "northwindhelp kettle"],
        "two that rarely meet": ["kettle boots", "boots kettl"],
        "two that never meet": ["kettle courier", "charged basket"],
        "common long ago": [OLD_WORD, "adve"],
        "an order number": orders or numbers,
        "a part of a Japanese word": ["引き落とさ", "ログインできな", "割れて"],
        "one Japanese letter": ["靴", "皿", "箱"],
        "many words": ["the kettle I ordered arrived without its lid when will I hear from you"],
        "a customer's name": [f"customer {number:06}" for number in range(100, 5_000, 97)],
        "a handle": [f"@customer007{number:04}" for number in range(10, 500, 9)] + ["@customer"],
        "one of X's ids": [each.x_id for each in some],
        "nothing": ["zzyzx", "quokka parcel", "鰻鰻", "987654321987"],
    }


def _times(database: Database, queries: Sequence[str]) -> Times:
    took: list[float] = []
    found = 0
    enough = perf_counter() + LONGEST_SECONDS
    for at, query in enumerate(islice(cycle(queries), WARM_UP + SEARCHES)):
        begun = perf_counter()
        with database.reading() as session:
            results = search.find(session, query)
        found = max(found, len(results.hits))
        if at >= WARM_UP:
            took.append((perf_counter() - begun) * 1000)
        if len(took) > 2 and perf_counter() > enough:
            break
    cuts = quantiles(took, n=20)
    return Times(cuts[9], cuts[18], found)


def _show(engine: str, messages: int, filled: Filled, times: Mapping[str, Times]) -> None:
    title = f"{ENGINES[engine]}, {messages:,} messages"
    table = Table("search", "p50 ms", "p95 ms", f"wanted: {WANTED:.0f}", "hits", title=title)
    for kind, each in times.items():
        kept = "yes" if each.p95 <= WANTED else "NO"
        table.add_row(kind, f"{each.p50:.1f}", f"{each.p95:.1f}", kept, str(each.found))
    console.print(table)
    console.print(
        f"Filled in {filled.seconds:.0f} s, {filled.megabytes:,.0f} MB in all; indexing"
        f" {filled.indexing:.0f} µs a message, in transactions of {BATCH}.\n"
    )


def run(
    messages: Annotated[int, typer.Option(min=2 * TIMED, help="How many there are to search.")] = 1_000_000,
    engine: Annotated[Engine | None, typer.Option("--engine", help="One database instead of both.")] = None,
) -> None:
    """How long each kind of search takes; fills a database for that and takes it away again."""
    with temporary_folder() as folder:
        for name in [engine.value] if engine else ENGINES:
            with (
                engines.started(name, folder) as new_url,
                engines.opened(new_url("search"), ACCOUNT) as (database, account_id),
            ):
                filled = Filling(database, account_id, messages).run()
                times = {kind: _times(database, queries) for kind, queries in _kinds(database).items()}
                _show(name, messages, filled, times)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(run)
    app()
