"""How the desk connects to SQLite and to PostgreSQL."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import Connection, DateTime, Engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlmodel import create_engine

from socialdesk.errors import SettingsError

BUSY_SECONDS = 15
CONNECT_SECONDS = 5
SILENT_SECONDS = 30.0  # after which a connection may have been lost without a word, in a firewall say
_CACHE = "cache_size = -16000"  # kB a connection; with SQLite's own 2 MB pages slow down as the file grows
_IDLE_SINCE = "idle since"


def create(url: str, *, only_read: bool = False) -> Engine:
    """Cheap to make, connects when first used. Raises SettingsError for what is no address of either."""
    try:
        parsed = make_url(url)
        if "\0" in url:
            raise ArgumentError("NUL in the address")
    except ArgumentError as error:
        raise SettingsError(
            "database.url is not a database address such as sqlite:///var/socialdesk.db."
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise SettingsError("database.url must begin with sqlite:/// (and name a file) or postgresql://.")
    return _sqlite(url, only_read)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": f"-c lock_timeout={BUSY_SECONDS}s"},
    )
    event.listen(engine, "checkin", _note_idle)
    event.listen(engine, "checkout", _make_sure)
    return engine


def _note_idle(_connection: Any, record: Any) -> None:
    record.info[_IDLE_SINCE] = monotonic()


def _make_sure(connection: Any, record: Any, _checked_out: object) -> None:
    """That the server is still there, before a connection of the pool is used again.

    It is asked only where there is doubt: a server that stops says so, and to look whether it has said
    something costs a hundredth of an answer, which every page would wait for twice.
    """
    idle_since = record.info.get(_IDLE_SINCE)
    if idle_since is None or (monotonic() - idle_since < SILENT_SECONDS and not _has_word(connection)):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.Error as error:
        raise DisconnectionError from error


def _has_word(connection: Any) -> bool:
    """Whether there is something to read from the server, though nothing was asked: a goodbye, mostly."""
    if connection.closed:
        return True
    socket = select.poll()
    socket.register(connection, select.POLLIN)
    return bool(socket.poll(0))


def _sqlite(url: str, only_read: bool) -> Engine:
    # pysqlite3 carries its own SQLite: those up to 3.51.2 can lose a commit when the WAL is reset.
    engine = create_engine(url, module=pysqlite3.dbapi2, hide_parameters=True)
    engine.dialect.colspecs = {**engine.dialect.colspecs, DateTime: _Moment}
    if not only_read:
        event.listen(engine, "do_connect", _make_own)
    event.listen(engine, "connect", _only_read_sqlite if only_read else _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_own(_dialect: Any, _record: object, told: Any, _named: object) -> None:
    """A file that is not there yet becomes its owner's alone; SQLite makes -wal and -shm as the file is.

    What stands in the way is told by SQLite, which trips over it next."""
    with suppress(OSError):
        os.close(os.open(told[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


class _Moment(sqlite.DATETIME):
    """Written as SQLAlchemy writes it, in a fifth of the time: a message has a dozen."""

    def bind_processor(self, _dialect: Any) -> Any:
        return _written


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    _set_up_sqlite(connection, "journal_mode = WAL", "foreign_keys = ON")


def _only_read_sqlite(connection: Any, _record: object) -> None:
    _set_up_sqlite(connection, "query_only = ON")


def _set_up_sqlite(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", _CACHE, *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    # The mark "sending" must be on the disk before the socket opens, and an agent's work when he is told so.
    connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if options.get('hasty') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
