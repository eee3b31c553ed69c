"""Sessions in which the rows of other accounts do not exist, whatever is asked for in them.

Whoever works for some of our accounts gets such sessions for his whole visit, so that no page, count, search
or export can tell of the others by having forgotten to ask whose rows they are. It holds for what is read
and changed through the tables' classes: statements written as text see everything.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel

from socialdesk.database import Database

_ACCOUNTS = "accounts"


def narrowed(database: Database, accounts: Collection[int] | None) -> Database:
    """The same database as far as these accounts go; None is all of them."""
    return database if accounts is None else database.marked({_ACCOUNTS: frozenset(accounts)})


def is_narrowed(session: Session) -> bool:
    """Whether some accounts' rows do not exist in it."""
    return _ACCOUNTS in session.info


@contextmanager
def whole_desk(session: Session) -> Iterator[None]:
    """All accounts' rows exist again, for what is kept for everybody."""
    accounts = session.info.pop(_ACCOUNTS, None)
    try:
        yield
    finally:
        if accounts is not None:
            session.info[_ACCOUNTS] = accounts


def _narrow(state: ORMExecuteState) -> None:
    accounts = state.session.info.get(_ACCOUNTS)
    if accounts is None or state.is_column_load or state.is_relationship_load:
        return
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(*_criteria(accounts))


@cache
def _criteria(accounts: frozenset[int]) -> list[Any]:
    return [
        with_loader_criteria(table, table.account_id.in_(accounts), include_aliases=True)
        for table in _tables()
    ]


@cache
def _tables() -> list[Any]:
    """Those whose rows are an account's."""
    mapped: Any = SQLModel._sa_registry.mappers
    return [each.class_ for each in mapped if "account_id" in each.columns]


event.listen(Session, "do_orm_execute", _narrow)
