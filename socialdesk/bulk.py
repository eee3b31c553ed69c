"""Many rows in one statement, past the session's objects: those would take several times as long."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    String,
    Table,
    TypeDecorator,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

Rows = Sequence[Mapping[str, Any]]


def insert_new(session: Session, table: type[SQLModel], rows: Rows, *, unique: str) -> None:
    """Insert those of the rows whose `unique` column no row has yet; the others are left as they are."""
    if not rows:
        return
    connection, into = session.connection(), _table(table)
    if connection.dialect.name == "sqlite":
        _insert_on_sqlite(connection, into, rows, unique)
        return
    new = _from_arrays(into, tuple(rows[0])).on_conflict_do_nothing(index_elements=[unique])
    connection.execute(new, _columns(rows))


def insert_rows(session: Session, table: type[SQLModel], rows: Rows) -> None:
    """Insert the rows, which all have the same columns.

    PostgreSQL takes each column as an array: reading every value by itself takes it longer than storing them.
    """
    if not rows:
        return
    connection, into = session.connection(), _table(table)
    if connection.dialect.name == "sqlite":
        _insert_on_sqlite(connection, into, rows)
    else:
        connection.execute(_from_arrays(into, tuple(rows[0])), _columns(rows))


def insert_returning(
    session: Session, table: type[SQLModel], rows: Rows, returning: Sequence[str]
) -> Sequence[Any]:
    """The same; returns rows of these columns of what was stored, the id among them, in no order."""
    if not rows:
        return []
    connection, into = session.connection(), _table(table)
    if connection.dialect.name == "sqlite":
        ids = new_ids(session, table, len(rows))
        numbered = [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)]
        _insert_on_sqlite(connection, into, numbered)
        return [tuple(row[name] for name in returning) for row in numbered]
    wanted = [into.c[name] for name in returning]
    return connection.execute(_from_arrays(into, tuple(rows[0])).returning(*wanted), _columns(rows)).all()


def new_ids(session: Session, table: type[SQLModel], count: int) -> Sequence[int]:
    """Ids for so many new rows. On SQLite they hold until the transaction ends: who writes there is alone."""
    if not count:
        return []
    connection, into = session.connection(), _table(table)
    if connection.dialect.name == "sqlite":
        newest = connection.execute(select(func.coalesce(func.max(into.c.id), 0))).scalar_one()
        return range(newest + 1, newest + 1 + count)
    following = func.nextval(func.pg_get_serial_sequence(into.name, "id"))
    numbers = func.generate_series(1, bindparam("count", count))
    return connection.execute(select(following).select_from(numbers)).scalars().all()


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Whether the column has one of the values that the parameter of that name lists.

    One parameter however many there are: as one each, SQLAlchemy writes the statement anew every time, and
    PostgreSQL plans it anew.
    """
    return _Among(column, bindparam(name, type_=_Listed(column.type)))


class _Among(FunctionElement[Any]):
    type = NullType()  # of a boolean SQLAlchemy would ask SQLite whether it is 1, and no index answers that
    inherit_cache = True


class _Listed(TypeDecorator[list[Any]]):
    """Values of one type: an array, and on SQLite, which has none, JSON."""

    impl = String
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String() if dialect.name == "sqlite" else postgresql.ARRAY(self.each)

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


@compiles(_Among)
def _any(element: _Among, compiler: SQLCompiler, **told: Any) -> str:
    column, listed = element.clauses
    return f"{compiler.process(column, **told)} = ANY ({compiler.process(listed, **told)})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **told: Any) -> str:
    column, listed = element.clauses
    asked, given = compiler.process(column, **told), compiler.process(listed, **told)
    return f"{asked} IN (SELECT value FROM json_each({given}))"  # noqa: S608 # compiled, never a value


def number_new(table: type[SQLModel]) -> None:
    """From now on new rows of the table bring their ids, so that they are stored in one statement."""

    def number(session: Session, *_: object) -> None:
        new = [row for row in session.new if isinstance(row, table) and row.id is None]  # type: ignore[attr-defined]
        for row, its_id in zip(new, new_ids(session, table, len(new)), strict=True):
            row.id = its_id

    event.listen(Session, "before_flush", number)


class _Prepared(NamedTuple):
    """An INSERT: the given columns in its order, how the driver wants their values, and behind them what
    stands in the columns that none is given for."""

    statement: str
    given: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    written: Sequence[Callable[[Any], Any] | None]
    otherwise: tuple[Any, ...]


def _insert_on_sqlite(connection: Connection, into: Table, rows: Rows, unique: str | None = None) -> None:
    """As the driver wants the rows: SQLAlchemy looking at each value of each takes longer than SQLite."""
    made = _prepared(into, tuple(rows[0]), unique, connection.dialect)
    columns = zip(zip(*map(made.given, rows), strict=True), made.written, strict=True)
    values = [map(write, column) if write else column for column, write in columns]
    connection.exec_driver_sql(made.statement, list(zip(*values, *map(repeat, made.otherwise))))  # noqa: B905


@lru_cache(maxsize=100)  # each database has its own dialect
def _prepared(into: Table, given: tuple[str, ...], unique: str | None, dialect: Dialect) -> _Prepared:
    made: dict[str, Any] = {each.name: each.default for each in into.c if each.name not in given}
    defaults = {name: default.arg for name, default in made.items() if default and default.is_scalar}
    written = {name: _writer(into.c[name].type, dialect) for name in (*given, *defaults)}
    otherwise = tuple(_as_written(written[name], value) for name, value in defaults.items())
    on_conflict = f" ON CONFLICT ({unique}) DO NOTHING" if unique else ""
    values = ", ".join("?" for _ in written)
    statement = f"INSERT INTO {into.name} ({', '.join(written)}) VALUES ({values}){on_conflict}"  # noqa: S608
    getter: Any = itemgetter(*given) if len(given) > 1 else lambda row: (row[given[0]],)
    return _Prepared(statement, getter, [written[name] for name in given], otherwise)


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How the driver wants such values; None when it takes them as they are."""
    write = kind.dialect_impl(dialect).bind_processor(dialect)
    return partial(_moment, write) if write and isinstance(kind, UTCDateTime) else write


def _as_written(write: Callable[[Any], Any] | None, value: Any) -> Any:
    return write(value) if write else value


def _moment(write: Callable[[Any], Any], moment: datetime | None) -> Any:
    """Most are in UTC, and written at once instead of by three layers."""
    if moment is None or moment.tzinfo is not UTC:
        return write(moment)
    return moment.isoformat(" ", "microseconds")[:26]


@cache
def _from_arrays(into: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    arrays = (bindparam(name, type_=postgresql.ARRAY(into.c[name].type)) for name in columns)
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    return postgresql.insert(into).from_select(list(columns), select(*given.c))


def _columns(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _table(table: type[SQLModel]) -> Table:
    return cast(Table, table.__table__)  # type: ignore[attr-defined]
