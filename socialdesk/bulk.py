"""Many rows in one statement, past the session's objects: those would take several times as long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, event, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

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


def number_new(table: type[SQLModel]) -> None:
    """From now on new rows of the table bring their ids, so that they are stored in one statement."""

    def number(session: Session, *_: object) -> None:
        new = [row for row in session.new if isinstance(row, table) and row.id is None]  # type: ignore[attr-defined]
        for row, its_id in zip(new, new_ids(session, table, len(new)), strict=True):
            row.id = its_id

    event.listen(Session, "before_flush", number)


class _Filled(NamedTuple):
    """A column in an INSERT: how the driver wants its values, and what stands in it where none is given."""

    name: str
    written: Callable[[Any], Any] | None
    otherwise: Any


def _insert_on_sqlite(connection: Connection, into: Table, rows: Rows, unique: str | None = None) -> None:
    """As the driver wants the rows: SQLAlchemy looking at each value of each takes longer than SQLite."""
    statement, filled = _prepared(into, tuple(rows[0]), unique, connection.dialect)
    columns = [_values(each, rows) for each in filled]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


@lru_cache(maxsize=100)  # each database has its own dialect
def _prepared(
    into: Table, given: tuple[str, ...], unique: str | None, dialect: Dialect
) -> tuple[str, list[_Filled]]:
    made: dict[str, Any] = {each.name: each.default for each in into.c}
    defaults = {name: default.arg for name, default in made.items() if default and default.is_scalar}
    new: Any = insert(into)
    if unique:
        new = sqlite.insert(into).on_conflict_do_nothing(index_elements=[unique])
    compiled = new.compile(dialect=dialect, column_keys=sorted({*given, *defaults}))
    columns = [into.c[name] for name in compiled.positiontup]
    written = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    filled = [
        _Filled(each.name, how, None if each.name in given else defaults[each.name])
        for each, how in zip(columns, written, strict=True)
    ]
    return compiled.string, filled


def _values(column: _Filled, rows: Rows) -> list[Any]:
    name, written, otherwise = column
    values = [row.get(name, otherwise) for row in rows]
    return list(map(written, values)) if written else values


@cache
def _from_arrays(into: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    arrays = (bindparam(name, type_=postgresql.ARRAY(into.c[name].type)) for name in columns)
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    return postgresql.insert(into).from_select(list(columns), select(*given.c))


def _columns(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _table(table: type[SQLModel]) -> Table:
    return cast(Table, table.__table__)  # type: ignore[attr-defined]
