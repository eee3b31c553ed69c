"""Both engines: what is committed, what is locked, and a schema that is not this version's."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import DateTime, text
from sqlalchemy.dialects import sqlite
from sqlmodel import select

from socialdesk.database import Database
from socialdesk.errors import DatabaseUnusable, SchemaOutdated, SettingsError
from socialdesk.people.agents import Agent
from socialdesk.tables import ALL, METADATA, is_modelled
from tests.conftest import Cast

NOBODY = 65534


def test_the_migrated_schema_is_the_models(database: Database) -> None:
    assert {table.__tablename__ for table in ALL} == set(METADATA.tables)
    with database.engine.connect() as connection:
        told = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_modelled}
        )
        differences = compare_metadata(told, METADATA)
    assert differences == []


@pytest.mark.parametrize("mask", [0o022, 0o000])
def test_a_file_that_we_make_is_its_owners_alone_with_its_journal(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
        database.upgrade()
        with database.transaction():
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("desk.db", "desk.db-wal", "desk.db-shm"), 0o600)


def test_a_file_that_was_there_keeps_its_mode(migrated_sqlite: Path, tmp_path: Path) -> None:
    """Somebody may have let a group read it, for its back-ups."""
    file = tmp_path / "desk.db"
    shutil.copy(migrated_sqlite, file)
    file.chmod(0o640)
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    assert file.stat().st_mode & 0o777 == 0o640


def test_an_empty_database_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(SchemaOutdated, match="socialdesk db upgrade"):
        Database(f"sqlite:///{tmp_path / 'empty.db'}").check()


def test_looking_for_a_database_makes_none(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "er" / "desk.db"
    database = Database(f"sqlite:///{file}")
    with pytest.raises(
        DatabaseUnusable, match=r"There is no database at .*desk\.db: run `socialdesk db upgrade`"
    ):
        database.check()
    assert list(tmp_path.iterdir()) == []
    database.upgrade()
    database.check()
    database.close()


def test_a_file_that_may_only_be_read_is_read(migrated_sqlite: Path) -> None:
    with only_readable(migrated_sqlite) as file, as_somebody_else():
        database = Database(f"sqlite:///{file}", only_read=True)
        with database.reading() as session:
            assert session.exec(select(Agent)).all() == []
        database.close()


def test_a_file_in_a_folder_where_nothing_may_be_written_is_told_in_one_sentence(
    migrated_sqlite: Path,
) -> None:
    with only_readable(migrated_sqlite) as file:
        file.parent.chmod(0o555)
        with (
            as_somebody_else(),
            pytest.raises(DatabaseUnusable, match="cannot be opened: SQLite needs") as told,
        ):
            Database(f"sqlite:///{file}", only_read=True).check()
        file.parent.chmod(0o777)
    assert "\n" not in str(told.value)


def test_nothing_is_written_through_a_database_that_is_only_read(migrated_sqlite: Path) -> None:
    database = Database(f"sqlite:///{migrated_sqlite}", only_read=True)
    with pytest.raises(DatabaseUnusable, match="did not do its work"), database.transaction() as session:
        session.connection().execute(text("DELETE FROM agents"))
    database.close()


@contextmanager
def only_readable(original: Path) -> Iterator[Path]:
    """A copy that nobody may write, in a folder where everybody may: pytest's own are shut to others."""
    folder = Path(tempfile.mkdtemp(prefix="socialdesk-read-"))
    folder.chmod(0o777)
    try:
        copy = Path(shutil.copy(original, folder))
        copy.chmod(0o444)
        yield copy
    finally:
        shutil.rmtree(folder)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Nobody's permission to write is asked of root, so root looks at the disk as somebody else."""
    look_as: Callable[[int], int] = ctypes.CDLL(None).setfsuid
    before = look_as(NOBODY) if os.geteuid() == 0 else os.geteuid()
    try:
        yield
    finally:
        look_as(before)


def test_a_schema_of_another_version_is_refused_with_the_command_that_mends_it(database: Database) -> None:
    with database.transaction() as session:
        before = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        session.connection().execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        with pytest.raises(SchemaOutdated, match=r"is 0000 and .*`socialdesk db upgrade`"):
            database.check()
    finally:
        with database.transaction() as session:
            session.connection().execute(text(f"UPDATE alembic_version SET version_num = '{before}'"))
    database.check()


def test_upgrading_twice_is_harmless(database: Database) -> None:
    database.upgrade()
    database.check()


@pytest.mark.parametrize("url", ["sqlite:///", "mysql://x/y", "nonsense", "sqlite://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"database\.url"):
        Database(url)


def test_a_database_that_cannot_be_reached_is_told_in_one_sentence() -> None:
    with pytest.raises(DatabaseUnusable, match="cannot be used") as caught:
        Database("postgresql://nobody@127.0.0.1:9/desk").check()
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        Database(f"sqlite:///{tmp_path / 'letter.db'}").check()


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusable, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'file' / 'desk.db'}").upgrade()


def test_what_a_block_could_not_finish_is_not_kept(database: Database, cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        session.get_one(Agent, cast.ana.id).name = "Somebody Else"
        session.flush()
        _ = 1 / 0

    with database.reading() as session:
        assert session.get_one(Agent, cast.ana.id).name == "Ana Horvat"


def test_reading_keeps_nothing(database: Database, cast: Cast) -> None:
    """PostgreSQL says so at once."""
    refused = nullcontext() if database.is_sqlite else pytest.raises(DatabaseUnusable, match="read-only")
    with refused, database.reading() as session:
        session.get_one(Agent, cast.ana.id).name = "Somebody Else"
        session.flush()
    with database.reading() as session:
        assert session.get_one(Agent, cast.ana.id).name == "Ana Horvat"


def test_many_threads_that_read_and_then_write_lose_nothing(database: Database, cast: Cast) -> None:
    rounds = 25

    def add_a_letter() -> None:
        for _ in range(rounds):
            with database.transaction() as session:
                agent = session.exec(select(Agent).where(Agent.id == cast.ana.id).with_for_update()).one()
                agent.name += "a"

    threads = [threading.Thread(target=add_a_letter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with database.reading() as session:
        assert session.get_one(Agent, cast.ana.id).name == "Ana Horvat" + "a" * rounds * 4


def test_sqlite_keeps_foreign_keys_and_its_journal(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with database.reading() as session:
        pragmas = {
            name: session.connection().execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("foreign_keys", "journal_mode", "synchronous")
        }
    database.close()
    assert pragmas == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(987, 1, 2, 3, 4, 5, tzinfo=UTC),
        None,
    ],
)
def test_a_moment_stands_in_sqlite_as_sqlalchemy_writes_it(tmp_path: Path, moment: datetime | None) -> None:
    ours = Database(f"sqlite:///{tmp_path}/desk.db").engine.dialect
    told = [
        DateTime(timezone=True).dialect_impl(dialect).bind_processor(dialect)
        for dialect in (ours, sqlite.dialect())
    ]
    assert told[0]
    assert told[1]
    assert told[0](moment) == told[1](moment)


def test_what_a_thread_has_in_use_when_the_desk_closes_is_closed_after_it(database: Database) -> None:
    another = Database(database.engine.url.render_as_string(hide_password=False))
    with another.reading() as session:
        used = session.connection().connection.driver_connection
        another.close()
        assert session.connection().execute(text("SELECT 1")).scalar() == 1
    assert used is not None
    with pytest.raises(Exception, match="closed"):
        used.execute("SELECT 1")
