"""Questions about what is kept, each written once for every shape it can have: SQLAlchemy takes longer to
write one than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, true, union_all
from sqlmodel import Session

from socialdesk.figures.asking import Asked
from socialdesk.figures.buckets import spans

_SHAPES = 64


class KeptRows:
    """Rows of a table that is kept by the hour, the day and four weeks; `wanted` says what of those that
    together are a period."""

    def __init__(self, table: Any, columns: Collection[str], wanted: Callable[[Any], Any]) -> None:
        self._table, self._columns, self._wanted = table, columns, wanted
        self._statement = lru_cache(_SHAPES)(self._written)

    def of(self, session: Session, asked: Asked) -> Sequence[Any]:
        found = list(spans(*asked.hours))
        hours = {f"first_{place}": span.first for place, span in enumerate(found)}
        hours |= {f"end_{place}": span.end for place, span in enumerate(found)}
        statement = self._statement(tuple(span.grain for span in found), *narrowed(asked))
        return session.connection().execute(statement, hours | whose(asked)).all()

    def _written(self, grains: Sequence[int], accounts: bool, channel: bool) -> Any:
        table = self._table
        parts = [
            select(*(getattr(table, name) for name in self._columns)).where(
                table.grain == grain,
                table.start >= bindparam(f"first_{place}"),
                table.start < bindparam(f"end_{place}"),
                is_theirs(table, accounts, channel),
            )
            for place, grain in enumerate(grains)
        ]
        return self._wanted(union_all(*parts).subquery())


@contextmanager
def unaided(session: Session) -> Iterator[None]:
    """What is asked inside the block PostgreSQL answers with one process: to start others for a sum takes ten
    times as long as the sum."""
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
    yield
    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")


def narrowed(asked: Asked) -> tuple[bool, bool]:
    """Whether some accounts are asked for only, and whether one channel."""
    return asked.accounts is not None, bool(asked.visibility)


def is_theirs(table: Any, accounts: bool, channel: bool) -> ColumnElement[bool]:
    """As Asked.whose, with places for whose it is."""
    wanted: list[ColumnElement[bool]] = [true()]
    if accounts:
        wanted.append(table.account_id.in_(bindparam("accounts", expanding=True)))
    if channel:
        wanted.append(table.visibility == bindparam("channel"))
    return and_(*wanted)


def whose(asked: Asked) -> dict[str, Any]:
    """What goes into these places."""
    accounts, channel = narrowed(asked)
    told: dict[str, Any] = {"accounts": sorted(asked.accounts or ())} if accounts else {}
    return told | {"channel": asked.visibility} if channel else told
