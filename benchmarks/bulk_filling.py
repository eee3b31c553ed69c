"""A database with a year of a desk's work, as large as wanted, filled by the database itself.

The counts and the figures are then made by the product's own recount; it says what it made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, product
from time import perf_counter
from typing import Any

from benchmarks.bulk_statements import AGENTS, Year
from benchmarks.phrases import PHRASES
from socialdesk import clock, counts
from socialdesk.database import Database
from socialdesk.figures import recount
from socialdesk.search import entries
from socialdesk.topics.names import TOPICS

SLOTS = 100
_PARTS_OF_PHRASES = 7  # leads through all of a language's openings, troubles and wishes
_AT_ONCE = {
    "sqlite": ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000", "temp_store = MEMORY")
}
_WITHOUT_KEYS = ("session_replication_role = replica", "maintenance_work_mem = '768MB'", "work_mem = '256MB'")


@dataclass(frozen=True, slots=True)
class Filled:
    """`recounting` is the part of the seconds in which the product counted everything."""

    cases: int
    messages: int
    seconds: float
    recounting: float
    megabytes: float
    counts_right: bool


def fill(database: Database, cases: int) -> Filled:
    """Into an empty database of this version's schema that has our first account and no agents."""
    begun = perf_counter()
    year = Year(cases, int(clock.now().timestamp()) - 3_600, _second(database))
    with _quickly(database) as connection:
        _vocabulary(connection)
        _people(connection, year)
        with _without_indexes(connection, sqlite=database.is_sqlite):
            for statement in year.statements:
                connection.execute(statement)
            _make_findable(connection, sqlite=database.is_sqlite)
    recounting = _recount(database)
    _tidy(database)
    with database.transaction() as session:
        right = counts.rebuild(session)
    seconds = perf_counter() - begun
    return Filled(cases, year.messages, seconds, recounting, _megabytes(database), right)


def _second(database: Database) -> Any:
    """How a second of the epoch is written in SQL."""
    if database.is_sqlite:
        return lambda second: f"strftime('%Y-%m-%d %H:%M:%S.000000', {second}, 'unixepoch')"
    return lambda second: f"to_timestamp({second})"


@contextmanager
def _quickly(database: Database) -> Iterator[Any]:
    """The driver's own connection, which waits for no disk and asks for no foreign keys."""
    raw = database.engine.raw_connection()
    connection: Any = raw.driver_connection
    if database.is_sqlite:
        orders = [f"PRAGMA {each}" for each in _AT_ONCE["sqlite"]]
    else:
        connection.autocommit = True
        orders = [f"SET {each}" for each in _WITHOUT_KEYS]
    for order in orders:
        connection.execute(order)
    try:
        yield connection
    finally:
        raw.invalidate()  # it is no connection for the desk any more


def _vocabulary(connection: Any) -> None:
    """Tables to choose from: what is written in each language, how often in which, and about what."""
    connection.execute("CREATE TEMP TABLE numbers (n bigint PRIMARY KEY)")
    connection.execute("CREATE TEMP TABLE shares (slot integer PRIMARY KEY, language varchar)")
    connection.execute("CREATE TEMP TABLE themes (slot integer PRIMARY KEY, topic varchar)")
    connection.execute(
        "CREATE TEMP TABLE phrases (language varchar, slot integer, told varchar, words varchar,"
        " PRIMARY KEY (language, slot))"
    )
    shares = [code for code, phrases in PHRASES.items() for _ in range(phrases.share)]
    _insert(connection, "shares", [(slot, shares[slot * 61 % len(shares)]) for slot in range(SLOTS)])
    _insert(connection, "themes", list(enumerate((*TOPICS, None))))
    for code, phrases in PHRASES.items():
        told = islice(product(phrases.openings, phrases.troubles, phrases.wishes), SLOTS)
        texts = [f"{opening} {trouble}. {wish}" for opening, trouble, wish in told]
        chosen = [texts[slot % len(texts)] for slot in range(SLOTS)]
        rows = [(code, slot, text, entries.words(text)) for slot, text in enumerate(chosen)]
        _insert(connection, "phrases", rows)


def _people(connection: Any, year: Year) -> None:
    """The second account, and the agents."""
    now = year.moment(str(year.until))
    connection.execute(
        f"INSERT INTO accounts (id, handle, credentials, enrolled_at) VALUES (2, 'NorthwindIT', 'IT', {now})"
    )
    for number in range(1, AGENTS + 1):
        connection.execute(
            "INSERT INTO agents (id, username, name, role, password_hash, hired_at)"
            f" VALUES ({number}, 'agent{number}', 'Agent Number {number}', 'agent', '-', {now})"
        )


def _insert(connection: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    sign = "?" if hasattr(connection, "executescript") else "%s"
    cursor = connection.cursor()
    cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(sign for _ in rows[0])})", rows)


@contextmanager
def _without_indexes(connection: Any, *, sqlite: bool) -> Iterator[None]:
    """Indexes that are no constraints are made when all is there, which takes a fraction of the time."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if not sqlite:
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        )
    found = connection.execute(query).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, statement in found:
        connection.execute(statement)


def _make_findable(connection: Any, *, sqlite: bool) -> None:
    if sqlite:  # PostgreSQL's is an index like the others
        connection.execute(
            "INSERT INTO search_words (rowid, words) SELECT id, words FROM search_entries ORDER BY id"
        )
        return
    for table in ("customers", "agents", "accounts", "cases", "messages", "replies", "reply_parts"):
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _recount(database: Database) -> float:
    begun = perf_counter()
    with database.transaction() as session:
        counts.rebuild(session)
        recount.rebuild(session)
    return perf_counter() - begun


def _tidy(database: Database) -> None:
    """PostgreSQL does this by itself within minutes of such growth, and SQLite has its statistics too."""
    with _quickly(database) as connection:
        connection.execute("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
        if database.is_sqlite:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _megabytes(database: Database) -> float:
    size = "pg_database_size(current_database())"
    if database.is_sqlite:
        size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.reading() as session:
        return int(session.connection().exec_driver_sql(f"SELECT {size}").scalar_one()) / 1e6
