"""Where a figure is kept: by hour and by day of UTC, so that the days of any time zone can be summed, and by
four weeks, so that a year is few rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

HOURLY, DAILY, FOUR_WEEKLY = 1, 24, 672
GRAINS = (HOURLY, DAILY, FOUR_WEEKLY)
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


def spans(first: int, end: int, grains: Sequence[int] = GRAINS) -> Iterator[Span]:
    """The fewest rows that hold these hours: whole four weeks, the days and the hours at either end."""
    *finer, grain = grains
    begin, stop = -(-first // grain) * grain, end // grain * grain
    if not finer:
        yield Span(grain, first, max(first, end))
        return
    if begin >= stop:
        yield from spans(first, end, finer)
        return
    yield Span(grain, begin, stop)
    if first < begin:
        yield from spans(first, begin, finer)
    if stop < end:
        yield from spans(stop, end, finer)
