"""Where a figure is kept: by hour and by day of UTC, so that the days of any time zone can be summed, and by
four weeks, so that a year is few rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import add
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOURLY, DAILY, FOUR_WEEKLY = 1, 24, 672
GRAINS = (HOURLY, DAILY, FOUR_WEEKLY)
_SECONDS = 3600
_EARLIEST, _LATEST = (
    int(each.timestamp()) // _SECONDS
    for each in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC))
)


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
    """Before the year 1 and after 9999, which a period may reach in some zone, the last there is."""
    return datetime.fromtimestamp(max(_EARLIEST, min(hour, _LATEST)) * _SECONDS, UTC)


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


class ByClock(NamedTuple):
    """Numbers by the hours of a clock: the first of those, counted from 1970 there, and the numbers from it
    on."""

    begun: int
    numbers: list[int]


def by_clock(numbers: Sequence[int], first: int, zone: ZoneInfo) -> ByClock:
    """What belongs to the hours of UTC from the first on, by the hours of that zone's clock in which they
    begin. What falls on one hour twice is added."""
    stretches = list(_steadily(first, first + len(numbers), zone))
    begun = _local(first, stretches[0][2])
    told = [0] * (max(_local(until - 1, offset) for _, until, offset in stretches) + 1 - begun)
    for since, until, offset in stretches:
        place = _local(since, offset) - begun
        stretch = slice(place, place + until - since)
        told[stretch] = map(add, told[stretch], numbers[since - first : until - first])
    return ByClock(begun, told)


def _steadily(first: int, end: int, zone: ZoneInfo) -> Iterator[tuple[int, int, timedelta]]:
    """The stretches in which the zone's clock is not changed; it is looked at day by day, and on days with a
    change hour by hour."""
    since, offset = first, _offset(first, zone)
    for day in range(first, end, DAILY):
        last = min(day + DAILY, end)
        if _offset(last, zone) == offset:
            continue
        for hour in range(day, last):
            now = _offset(hour, zone)
            if now != offset:
                yield since, hour, offset
                since, offset = hour, now
    yield since, end, offset


def _offset(hour: int, zone: ZoneInfo) -> timedelta:
    offset = moment(hour).astimezone(zone).utcoffset()
    assert offset is not None, "a zone has one"
    return offset


def _local(hour: int, offset: timedelta) -> int:
    return (timedelta(hours=hour) + offset) // timedelta(hours=1)
