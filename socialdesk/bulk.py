"""Many rows in one statement, past the session's objects: those would take several times as long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, event, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Rows = Sequence[Mapping[str, Any]]


def insert_new(session: Session, table: type[SQLModel], rows: Rows, *, unique: str) -> None:
    """Insert those of the rows whose `unique` column no row has yet; the others are left as they are."""
    if rows:
        connection = session.connection()
        new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(new(table).on_conflict_do_nothing(index_elements=[unique]), rows)


def insert_rows(session: Session, table: type[SQLModel], rows: Rows) -> None:
    """Insert the rows, which all have the same columns.

    PostgreSQL takes each column as an array: reading every value by itself takes it longer than storing them.
    """
    if not rows:
        return
    connection, into = session.connection(), _table(table)
    if connection.dialect.name == "sqlite":
        connection.execute(insert(into), rows)
    else:
        connection.execute(_from_arrays(into, tuple(rows[0])), _columns(rows))


def insert_returning(
    session: Session, table: type[SQLModel], rows: Rows, returning: Sequence[str]
) -> Sequence[Any]:
    """The same; returns rows of these columns of what was stored, in no order."""
    if not rows:
        return []
    connection, into = session.connection(), _table(table)
    wanted = [into.c[name] for name in returning]
    if connection.dialect.name == "sqlite":
        return connection.execute(insert(into).returning(*wanted), rows).all()
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


@cache
def _from_arrays(into: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    arrays = (bindparam(name, type_=postgresql.ARRAY(into.c[name].type)) for name in columns)
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    return postgresql.insert(into).from_select(list(columns), select(*given.c))


def _columns(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _table(table: type[SQLModel]) -> Table:
    return cast(Table, table.__table__)  # type: ignore[attr-defined]
