"""How long a case has until it is due, in the words that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal

from socialdesk.phrases import gettext, mark, reader

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_HOURS_UNTIL = 2 * _DAY  # beyond that days say it better
NEAR = timedelta(minutes=10)  # an answer takes about so long: read it, find the words, have them approved
_DUE = {
    "less": mark("due in less than a minute"),
    "min": mark("due in %(number)s min"),
    "h": mark("due in %(number)s h"),
    "d": mark("due in %(number)s d"),
}
_OVERDUE = {
    "less": mark("overdue by less than a minute"),
    "min": mark("overdue by %(number)s min"),
    "h": mark("overdue by %(number)s h"),
    "d": mark("overdue by %(number)s d"),
}


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """`says` is empty for a case without a target; `near` is what must be answered now to be in time."""

    says: str
    overdue: bool = False
    paused: bool = False
    near: bool = False


def of(due_at: datetime | None, *, paused: bool, now: datetime) -> TimeLeft:
    """By the clock on the wall, rounded towards the moment it is due: nobody has longer than it says."""
    if paused:
        return TimeLeft(gettext("paused"), paused=True)
    if due_at is None:
        return TimeLeft("")
    overdue = due_at <= now
    unit, number = _measured(abs(due_at - now))
    told = gettext((_OVERDUE if overdue else _DUE)[unit], number=_written(number, reader()))
    return TimeLeft(told, overdue=overdue, near=not overdue and due_at - now <= NEAR)


@lru_cache(maxsize=1_000)
def _written(number: int, reader: str) -> str:
    return str(format_decimal(number, locale=Locale.parse(reader)))


def _measured(length: timedelta) -> tuple[str, int]:
    """In the unit that says it best. The units are short forms, which have no plural."""
    if length < _MINUTE:
        return "less", 0
    if length < _HOUR:
        return "min", length // _MINUTE
    return ("h", length // _HOUR) if length < _HOURS_UNTIL else ("d", length // _DAY)
