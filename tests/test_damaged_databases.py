"""A server that is restarted, a file that is damaged or somebody else's: told in one sentence, and nothing
is lost that X can still be asked for."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path

import pytest

from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import DatabaseUnusable
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests import oracle
from tests.conftest import HANDLE
from tests.postgres import Postgres

PAGE_BYTES = 4096
NOBODY = 65534
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def busy(world: World) -> World:
    world.add_user("maria", "María")
    for number in range(20):
        world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Van {number} días.")
    return world


@only_postgresql
def test_a_server_that_is_restarted_is_used_again_without_restarting_the_desk(
    postgres: Postgres, busy: World, x_desk: Desk, line: Line
) -> None:
    poll(line, Channel.MENTIONS)
    busy.post("maria", f"@{HANDLE} ¿y ahora?")
    with postgres.down(), pytest.raises(DatabaseUnusable) as told:
        poll(line, Channel.MENTIONS)
    assert "\n" not in str(told.value)
    assert poll(line, Channel.MENTIONS) == 1
    oracle.everything_is_stored_once(busy, x_desk.database)


@only_sqlite
def test_words_whose_journal_is_damaged_are_asked_for_again(
    busy: World, x_desk: Desk, line: Line, tmp_path: Path
) -> None:
    """SQLite reads its journal up to where the checksums stop to fit; the cursor goes back with the words."""
    poll(line, Channel.MENTIONS)
    file, journal = copied(x_desk, tmp_path / "copy")
    whole = journal.read_bytes()
    journal.write_bytes(whole[: len(whole) // 2] + os.urandom(len(whole) - len(whole) // 2))
    with opened(file) as copy:
        assert poll(changed(line, desk=changed(x_desk, database=copy)), Channel.MENTIONS)
        oracle.everything_is_stored_once(busy, copy)


@only_sqlite
def test_a_file_that_is_damaged_is_told_in_one_sentence(
    busy: World, x_desk: Desk, line: Line, tmp_path: Path
) -> None:
    poll(line, Channel.MENTIONS)
    file, _ = copied(x_desk, tmp_path / "copy")
    with opened(file) as copy:
        copy.check()  # whoever closes it last leaves everything in the file
    content = file.read_bytes()
    file.write_bytes(content[:PAGE_BYTES] + b"\xff" * (len(content) - PAGE_BYTES))
    with opened(file) as copy, pytest.raises(DatabaseUnusable, match="malformed") as told:
        poll(changed(line, desk=changed(x_desk, database=copy)), Channel.MENTIONS)
    assert "\n" not in str(told.value)


@only_sqlite
def test_a_file_of_somebody_else_is_told_in_one_sentence(x_desk: Desk, tmp_path: Path) -> None:
    file, _ = copied(x_desk, tmp_path / "copy")
    with not_ours(file), pytest.raises(DatabaseUnusable, match="cannot be") as told, opened(file) as copy:
        copy.check()
    assert "\n" not in str(told.value)


def copied(desk: Desk, folder: Path) -> tuple[Path, Path]:
    """The files as they lie on the disk while the desk has them open: the database and its journal."""
    file = Path(str(desk.database.engine.url.database))
    folder.mkdir()
    there, journal = folder / "desk.db", folder / "desk.db-wal"
    shutil.copy(file, there)
    shutil.copy(f"{file}-wal", journal)
    return there, journal


@contextmanager
def opened(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@contextmanager
def not_ours(file: Path) -> Iterator[None]:
    """Nobody's permission to read is asked of root, so root looks at the disk as somebody else."""
    file.chmod(0)
    look_as: Callable[[int], int] = ctypes.CDLL(None).setfsuid
    before = look_as(NOBODY) if os.geteuid() == 0 else os.geteuid()
    try:
        yield
    finally:
        look_as(before)
        file.chmod(0o600)
