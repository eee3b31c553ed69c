"""The one place that commits, and the schema; SQLite and PostgreSQL alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    TextClause,
    event,
    literal,
    text,
)
from sqlalchemy.exc import DatabaseError, DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, SQLModel

from socialdesk import engines
from socialdesk.errors import DatabaseUnusable, SchemaOutdated
from socialdesk.phrases import gettext as _

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

MIGRATIONS = Path(__file__).with_name("migrations")
_NOT_READ = re.compile("unable to open database file|attempt to write a readonly database")


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The column holds one of the enumeration's values; tables do not validate, so the schema does."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def only_where(condition: TextClause) -> dict[str, Any]:
    """What makes an index hold those rows alone, on either database."""
    return {"sqlite_where": condition, "postgresql_where": condition}


def at_most(rows: int) -> ColumnElement[int]:
    """A limit that stands in the statement itself: where it is a parameter PostgreSQL takes it for a tenth of
    all there is, and plans the statement anew each time rather than by that."""
    return literal(rows, Integer, literal_execute=True)


class Database:
    """One database; cheap to make, connects when first used, to be shared by all threads.

    One that is `only_read` may lie where nothing can be written.
    """

    def __init__(self, url: str, *, only_read: bool = False) -> None:
        self.engine = engines.create(url, only_read=only_read)
        self._writer = self.engine.execution_options(writes=True)
        self._hasty_writer = self.engine.execution_options(writes=True, hasty=True)
        one_view: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**({} if self.is_sqlite else one_view))
        self._marks: Mapping[str, Any] = {}

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def _file(self) -> Path | None:
        """None of PostgreSQL's."""
        return Path(self.engine.url.database or "") if self.is_sqlite else None

    def marked(self, marks: Mapping[str, Any]) -> Database:
        """The same database, whose sessions have these marks in their `info`."""
        same = copy(self)
        same._marks = marks
        return same

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Session]:
        """A session whose work is committed at the end of the block, or not at all.

        On SQLite it takes the write lock at once: a transaction that reads first and writes later
        would fail with "database is locked" whenever another one wrote in between.
        Never call X inside one.

        What is not `durable` is not waited for until it is on the disk. When the power fails, the last such
        transactions may be gone, whole and the newest first, as if they had never been: right for what X can
        be asked for again, and wrong for anything else.
        """
        with self._session(self._writer if durable else self._hasty_writer) as session:
            if not (durable or self.is_sqlite):
                session.connection().execute(text("SET LOCAL synchronous_commit = off"))
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one consistent view; nothing it changes is kept.

        On PostgreSQL it may change nothing, and ends with a commit: on a rollback the driver forgets what it
        has prepared, and each statement would be planned anew every time.
        """
        with self._session(self._reader) as session:
            yield session
            if not self.is_sqlite:
                session.expunge_all()
                session.commit()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with Session(engine, expire_on_commit=False, info=dict(self._marks)) as session:
            try:
                yield session
            except DatabaseError as error:
                if not _is_unusable(error):
                    raise
                raise DatabaseUnusable(
                    _("The database did not do its work: %(why)s.", why=_plain(error))
                ) from error
            except PoolTimeout as error:
                raise DatabaseUnusable(
                    _("Every connection to the database is busy: try again soon.")
                ) from error

    def upgrade(self) -> None:
        """Bring the schema to this version's; harmless when it is there already. Makes what is missing."""
        if self._file:
            _make_folder(self._file.parent)
        with self._connection(self._writer) as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self) -> None:
        """Raises DatabaseUnusable if out of reach, SchemaOutdated unless the schema is this version's.

        Looking makes nothing: SQLite by itself would begin a file where there is none.
        """
        if self._file and _is_missing(self._file):
            raise DatabaseUnusable(
                f"There is no database at {self._file}: run `socialdesk db upgrade` to make one, or name"
                " another as database.url in the settings."
            )
        with self._connection(self._reader) as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        wanted = _newest()
        if found == wanted:
            return
        if found is None:
            raise SchemaOutdated("The database has no tables yet: run `socialdesk db upgrade`.")
        raise SchemaOutdated(
            f"The database's schema is {found} and this version needs {wanted}: run `socialdesk db upgrade`"
            " (after a back-up), or start the version of socialdesk that wrote it."
        )

    def close(self) -> None:
        """What other threads have in use just now is closed as soon as they are done with it."""
        event.listen(self.engine, "checkin", lambda _, record: record.invalidate())
        self.engine.dispose()

    @contextmanager
    def _connection(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.connect() as connection:
                yield connection
                connection.commit()
        except DBAPIError as error:
            if self._file and engine is self._reader and _NOT_READ.search(str(error.orig)):
                raise DatabaseUnusable(
                    _(
                        "%(file)s cannot be opened: SQLite needs the journal beside it (-wal and -shm), or"
                        " leave to make one. Copy the database to a folder where you may write.",
                        file=self._file,
                    )
                ) from error
            raise DatabaseUnusable(_("The database cannot be used: %(why)s.", why=_plain(error))) from error


def _is_missing(file: Path) -> bool:
    try:
        return not file.exists()
    except OSError:  # of which SQLite tells more
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = {"folder": folder, "why": error.strerror}
        raise DatabaseUnusable(_("The folder %(folder)s cannot be made: %(why)s.", **told)) from error


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def _newest() -> str | None:
    """This version's schema, found once: alembic runs every migration's file to find it."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _is_unusable(error: DatabaseError) -> bool:
    """Rather than asked for something wrong: SQLite tells of a damaged file in the plainest kind of error,
    PostgreSQL of a server that only reads in the internal one."""
    return type(error) is DatabaseError or isinstance(error, (OperationalError, InternalError))


def _plain(error: DBAPIError) -> str:
    said = str(error.orig or "").strip().splitlines()
    return said[0].rstrip(".") if said else _("it does not say why")
