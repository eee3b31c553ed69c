"""Messages to be searched, written as plain rows: what the intake does besides is measured elsewhere."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlmodel import Session

from benchmarks.phrases import PHRASES
from benchmarks.vocabulary import Vocabulary
from socialdesk import clock, search
from socialdesk.accounts import Account
from socialdesk.cases import Case, Status
from socialdesk.casework.notes import Note
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.search.entries import SearchEntry, words
from socialdesk.workers.storing import BATCH

CHUNK = 1_000  # so that customers, messages and notes lie among each other
TIMED = 3_000  # messages
A_CASE, A_CUSTOMER = 4, 3  # messages
NOTED = 50  # messages for one note
ACCOUNTS = (70, 29, 1)  # per cent of the cases
PERIOD = timedelta(days=365)
BOTH = "the kettle I ordered arrived without its lid and for one pair of boots I was charged twice"
BOTH_EVERY = 30_000  # messages
OLD_WORD, OLD_SHARE, OLD_EVERY = "advent", 0.3, 3  # in a third of the messages, long ago
_FIRST_X_ID = 10**18


@dataclass(frozen=True, slots=True)
class Filled:
    """`indexing` is how long what search needs took, in microseconds a message."""

    indexing: float
    seconds: float
    megabytes: float


class Filling:
    """Everything about message number `n` follows from `n`, so that both databases hold the same."""

    def __init__(self, database: Database, agent_id: int, messages: int) -> None:
        self._database = database
        self._agent_id = agent_id
        self._messages = messages
        self._vocabularies = {language: Vocabulary(language) for language in PHRASES}
        self._shares = [each.share for each in PHRASES.values()]
        self._begun = clock.now() - PERIOD

    def run(self) -> Filled:
        """The last messages are indexed in batches as small as intake's, and timed."""
        begun = perf_counter()
        self._accounts()
        last = self._messages - TIMED
        with _index_made_last(self._database):
            for first in range(1, last + 1, CHUNK):
                self._add(range(first, min(first + CHUNK, last + 1)))
        _tidy(self._database)
        timed = (range(at, at + BATCH) for at in range(last + 1, self._messages + 1, BATCH))
        indexing = sum(self._timed(numbers) for numbers in timed) / TIMED
        return Filled(indexing * 1e6, perf_counter() - begun, _megabytes(self._database))

    def _accounts(self) -> None:
        with self._database.transaction() as session:
            for number in range(2, len(ACCOUNTS) + 1):
                session.add(
                    Account(handle=f"Other{number}", credentials=f"O{number}", enrolled_at=clock.now())
                )

    def _add(self, numbers: range) -> None:
        texts = {number: self._text(number) for number in numbers}
        with self._database.transaction() as session:
            people = self._rows(session, texts)
            notes = self._notes(session, texts)
            entries = {
                **_entries("customer", people),
                **_entries("message", texts),
                **_entries("note", notes),
            }
            rows = [
                {"source": source, "source_id": source_id, "words": words(told)}
                for (source, source_id), told in entries.items()
            ]
            session.connection().execute(insert(SearchEntry), rows)

    def _timed(self, numbers: range) -> float:
        texts = {number: self._text(number) for number in numbers}
        with self._database.transaction() as session:
            self._rows(session, texts)
        with self._database.transaction() as session:
            begun = process_time() if self._database.is_sqlite else perf_counter()
            search.index(session, search.Source.MESSAGE, texts)
        return (process_time() if self._database.is_sqlite else perf_counter()) - begun

    def _rows(self, session: Session, texts: Mapping[int, str]) -> dict[int, str]:
        """The customers who are new."""
        new = [number // A_CUSTOMER + 1 for number in texts if number % A_CUSTOMER == 0 or number == 1]
        people = {number: f"customer{number:07} {_name(number)}" for number in new}
        self._insert(session, Customer, map(self._customer, new))
        opened = [number for number in texts if number % A_CASE == 1]
        self._insert(session, Case, [self._case(number, texts[number]) for number in opened])
        self._insert(session, Message, [self._message(number, told) for number, told in texts.items()])
        return people

    def _notes(self, session: Session, texts: Mapping[int, str]) -> dict[int, str]:
        noted = [number for number in texts if number % NOTED == 0]
        told = {
            number // NOTED: f"Called back, sees {texts[number + 1 - NOTED % 2]}" for number in noted[:-1]
        }
        self._insert(session, Note, [self._note(number, words) for number, words in told.items()])
        return told

    def _insert(self, session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
        if found := list(rows):
            session.connection().execute(insert(table), found)

    def _text(self, number: int) -> str:
        if number % BOTH_EVERY == BOTH_EVERY // 2:
            return BOTH
        chance = random.Random(number)
        language = chance.choices(list(self._vocabularies), self._shares)[0]
        told = self._vocabularies[language].text(chance)
        ending = chance.choice(
            ("", "", f" #{order(number)}", f" https://example.com/o/{order(number)}", " 😕")
        )
        old = number < self._messages * OLD_SHARE and number % OLD_EVERY == 0
        begins = "@NorthwindHelp " if number % 10 < 7 else ""
        return f"{begins}{told}{ending}{f' {OLD_WORD}' if old else ''}"

    def _customer(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "x_id": str(10**12 + number),
            "handle": f"customer{number:07}",
            "name": _name(number),
            "first_seen_at": self._begun,
        }

    def _placed(self, number: int) -> dict[str, Any]:
        case = (number - 1) // A_CASE
        place = case * 61 % 100
        return {
            "account_id": 1 if place < ACCOUNTS[0] else 2 if place < sum(ACCOUNTS[:2]) else 3,
            "customer_id": case * A_CASE // A_CUSTOMER + 1,
        }

    def _case(self, number: int, told: str) -> dict[str, Any]:
        at = self._begun + PERIOD * number / self._messages
        return {
            "id": (number - 1) // A_CASE + 1,
            "status": Status.WAITING,
            "language": "en",
            "visibility": Visibility.PUBLIC,
            "opened_at": at,
            "waiting_since": at,
            "last_message_at": at,
            "customer_wrote_at": at,
            "excerpt": told[:200],
        } | self._placed(number)

    def _message(self, number: int, told: str) -> dict[str, Any]:
        at = self._begun + PERIOD * number / self._messages
        return {
            "id": number,
            "case_id": (number - 1) // A_CASE + 1,
            "x_id": str(_FIRST_X_ID + number),
            "visibility": Visibility.PUBLIC,
            "direction": Direction.INBOUND,
            "text": told,
            "sent_at": at,
            "taken_in_at": at,
            "language": "en",
            "confidence": 1.0,
            "language_source": "detector",
        } | self._placed(number)

    def _note(self, number: int, told: str) -> dict[str, Any]:
        message = number * NOTED
        return {
            "id": number,
            "account_id": self._placed(message)["account_id"],
            "case_id": (message - 1) // A_CASE + 1,
            "author_id": self._agent_id,
            "text": told,
            "written_at": clock.now(),
        }


def order(number: int) -> int:
    return 100_000 + number * 48_271 % 900_000


def _name(number: int) -> str:
    first = ("Maria", "José", "Łukasz", "Zoë", "ليلى", "健二", "Jürgen", "Åsa", "Şule", "Ondřej")
    return f"{first[number % len(first)]} {number * 7919 % 100_003}"


def _entries(source: str, told: Mapping[int, str]) -> dict[tuple[str, int], str]:
    return {(source, number): each for number, each in told.items()}


@contextmanager
def _index_made_last(database: Database) -> Iterator[None]:
    """In one go that takes a fraction of the time, and is what it would have become."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_entries'"
    made: list[Any] = []
    if not database.is_sqlite:
        with database.transaction() as session:
            found = session.connection().execute(text(f"{query} AND indexdef LIKE '%gin%'")).all()
            made = [(name, definition) for name, definition in found]
            _execute(session.connection(), [f"DROP INDEX {name}" for name, _ in made])
    yield
    orders = [definition for _, definition in made]
    if database.is_sqlite:
        orders = ["INSERT INTO search_words (rowid, words) SELECT id, words FROM search_entries ORDER BY id"]
    with database.transaction() as session:
        _execute(session.connection(), orders)


def _execute(connection: Connection, orders: Iterable[str]) -> None:
    for order_ in orders:
        connection.execute(text(order_))


def _tidy(database: Database) -> None:
    """What PostgreSQL does by itself soon after; ids that were given by hand are skipped."""
    tables = ("customers", "cases", "messages", "notes")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.is_sqlite:
            connection.execute(text("ANALYZE"))
            return
        connection.execute(text("VACUUM ANALYZE"))
        for table in tables:
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
            )


def _megabytes(database: Database) -> float:
    size = "pg_database_size(current_database())"
    if database.is_sqlite:
        size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.reading() as session:
        return int(session.connection().execute(text(f"SELECT {size}")).scalar_one()) / 1e6
