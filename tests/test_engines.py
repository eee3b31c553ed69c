"""Connections to PostgreSQL that were closed while nobody used them are not noticed by whoever comes next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from socialdesk import engines
from socialdesk.database import Database
from tests.postgres import Postgres

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def used(database: Database) -> int:
    """Which of the server's processes answers."""
    with database.reading() as session:
        number: int = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        return number


@contextmanager
def asked_again(database: Database) -> Iterator[list[str]]:
    """What a connection of the pool is asked before it is used."""
    asked: list[str] = []
    with database.engine.connect() as connection:
        driver: Any = type(connection.connection.driver_connection)
    execute = driver.execute

    def noting(connection: object, statement: str, *more: object) -> object:
        asked.append(statement)
        return execute(connection, statement, *more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(driver, "execute", noting)
        yield asked


def test_a_server_that_was_restarted_meanwhile_is_not_noticed(postgres: Postgres, database: Database) -> None:
    before = used(database)
    with postgres.down():
        pass
    assert used(database) != before


def test_a_connection_that_the_server_closed_is_replaced(database: Database, database_url: str) -> None:
    before = used(database)
    other = Database(database_url)
    with other.reading() as session:
        session.connection().execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
    other.close()
    assert used(database) != before


def test_only_a_connection_that_was_silent_for_long_is_asked_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = used(database)
    with asked_again(database) as asked:
        assert used(database) == before
        assert asked == []
        monkeypatch.setattr(engines, "SILENT_SECONDS", 0.0)
        assert used(database) == before
        assert asked == ["SELECT 1"]


def test_one_that_was_lost_without_a_word_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(database)
    lost: list[object] = []

    def losing(connection: object, *_: object) -> None:
        if not lost:
            lost.append(connection)
            connection.close()  # type: ignore[attr-defined]

    event.listen(database.engine, "checkout", losing, insert=True)
    assert used(database)
    assert lost
