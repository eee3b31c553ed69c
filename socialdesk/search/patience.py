"""How long a search may take: nobody who types two letters keeps the database for minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from socialdesk.errors import TooLong
from socialdesk.phrases import gettext as _

LONGEST_SECONDS = 2.0
ENOUGH_SECONDS = 1.0  # after which what was found is told, and from where on nothing was read yet
_INSTRUCTIONS = 20_000  # of SQLite's between two looks at the clock: well under a millisecond
_CANCELLED = "57014"  # what PostgreSQL calls a statement that it gave up


class NotToTheEnd(Exception):
    """The time is over, and of the entries below `below` none was read."""

    def __init__(self, below: int) -> None:
        super().__init__(below)
        self.below = below


class Patience:
    """How long is left of one search, whose statements are given up when nothing is; `enough` is when it
    rather tells what it has found than go on to older entries."""

    def __init__(self, seconds: float, enough: float) -> None:
        self._until = monotonic() + seconds
        self._enough = monotonic() + enough

    def check(self) -> None:
        """Raises TooLong when the time is over."""
        if self.is_over():
            raise _too_long()

    def is_over(self) -> bool:
        return monotonic() > self._until

    def left(self) -> float:
        """Seconds until it is enough; 0 from then on."""
        return max(0.0, self._enough - monotonic())


@contextmanager
def within(
    session: Session,
    seconds: float | None = None,
    *,
    enough: float = ENOUGH_SECONDS,
    planned_by: Mapping[str, str] | None = None,
) -> Iterator[Patience]:
    """The block's statements take no longer than that; raises TooLong instead, after which the session reads
    nothing more. The time of a single statement is the database's to watch, that of all of them is checked
    between two. `planned_by` are settings of PostgreSQL's, which go there in the same statement."""
    allowed = LONGEST_SECONDS if seconds is None else seconds
    patience = Patience(allowed, enough)
    settings = {**(planned_by or {}), "statement_timeout": str(max(1, int(allowed * 1000)))}
    try:
        with _watched(session, patience, settings):
            yield patience
    except OperationalError as error:
        if _is_given_up(error):
            raise _too_long() from error
        raise


@contextmanager
def _watched(session: Session, patience: Patience, settings: Mapping[str, str]) -> Iterator[None]:
    connection = session.connection()
    if connection.dialect.name != "sqlite":  # for the rest of the transaction, which only reads
        connection.execute(
            text("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items()))
        )
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(patience.is_over, _INSTRUCTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _is_given_up(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _CANCELLED or str(error.orig) == "interrupted"


def _too_long() -> TooLong:
    return TooLong(_("That search takes too long: add a word that fewer messages have."))
