"""Empty, migrated databases of either kind, for as long as a run lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from socialdesk import accounts
from socialdesk.database import Database
from socialdesk.settings import AccountSettings
from tests.postgres import Postgres

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NewUrl = Callable[[str], str]


@contextmanager
def started(engine: str, folder: Path) -> Iterator[NewUrl]:
    """What gives the address of a new database by name; a server that this needs runs until the end."""
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    with Postgres() as server:
        yield server.create


@contextmanager
def opened(url: str, account: AccountSettings) -> Iterator[tuple[Database, int]]:
    """The database with this version's schema, and the row id of our account in it."""
    database = Database(url)
    database.upgrade()
    with database.transaction() as session:
        accounts.enrol(session, [account])
        account_id = accounts.all_of(session)[0].id
    assert account_id is not None
    try:
        yield database, account_id
    finally:
        database.close()
