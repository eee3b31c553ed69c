"""Where a figure is kept: by hour and by day of UTC, so that the days of any time zone can be summed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

HOURLY, DAILY = 1, 24
GRAINS = (HOURLY, DAILY)
_SECONDS = 3600


class Bucket(NamedTuple):
    """One hour of one account, language and channel; hours are counted from the beginning of 1970."""

    hour: int
    account_id: int
    language: str
    visibility: str


class Span(NamedTuple):
    """Whole hours, from `first` up to, not including, `end`, as they are kept in one grain."""

    grain: int
    first: int
    end: int


def hour_of(at: datetime) -> int:
    return int(at.timestamp()) // _SECONDS


def hour_after(at: datetime) -> int:
    """The first hour that begins at that moment or after it."""
    return -int(-at.timestamp() // _SECONDS)


def moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * _SECONDS, UTC)


def spans(first: int, end: int) -> Iterator[Span]:
    """The fewest rows that hold these hours: whole days, and the hours at either end."""
    day, last_day = -(-first // DAILY) * DAILY, end // DAILY * DAILY
    if day >= last_day:
        yield Span(HOURLY, first, max(first, end))
        return
    yield Span(DAILY, day, last_day)
    if first < day:
        yield Span(HOURLY, first, day)
    if last_day < end:
        yield Span(HOURLY, last_day, end)
