"""When a desk is open: weekly hours on the wall clock of a time zone, holidays, and reckoning with both.

A moment is open when the clock on the wall there shows an opened time. So a day of 23 or 25 hours has as many
open hours as its clock runs through; an hour that the clock skips is nobody's, one that it shows twice counts
twice. Whole weeks without a holiday or a change of the clock are reckoned at once, all others day by day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[int, int]  # minutes after midnight; an end behind the day's is in the next day
Stretch = tuple[int, int]  # microseconds since the epoch, the end not included

DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = DAY_MINUTES * _MINUTE
_WEEK = 7 * _DAY
_MONDAY = 4 * _DAY  # the epoch was a Thursday


@dataclass(frozen=True, eq=False)
class Calendar:
    """`week` has the hours of Monday to Sunday, `holidays` those of single days instead, often none.

    Without a `week` it is always open. Spans belong to the day on which they begin, also over midnight.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    week: Sequence[Sequence[Span]] = ()
    holidays: Mapping[date, Sequence[Span]] = field(default_factory=dict)

    def spans(self, day: date) -> Sequence[Span]:
        """The hours that begin on that day."""
        return self.holidays.get(day, self.week[day.weekday()])


ALWAYS = Calendar()


def open_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How long it is open between the two moments; 0 when the end is not behind the start."""
    at, until = _stamp(start), _stamp(end)
    if not calendar.week or until <= at:
        return max(until - at, 0) / _SECOND
    opened = 0
    for piece, piece_end, whole in _pieces(calendar, at):
        if whole is not None and piece_end <= until:
            opened += whole
        else:
            opened += sum(b - a for a, b in _within(calendar, piece, min(piece_end, until)))
        if piece_end >= until:
            break
    return opened / _SECOND


def after(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """The first moment by which it has been open for so long since the start; the start itself for 0.

    Raises OverflowError when it would be behind the year 9999.
    """
    at, left = _stamp(start), round(seconds * _SECOND)
    if not calendar.week or left <= 0:
        return _moment(at + max(left, 0))
    for piece, piece_end, whole in _pieces(calendar, at):
        if whole is not None and whole < left:
            left -= whole
            continue
        for opens, closes in _within(calendar, piece, piece_end):
            if left <= closes - opens:
                return _moment(opens + left)
            left -= closes - opens
    raise OverflowError("never open for so long")


def _pieces(calendar: Calendar, at: int) -> Iterator[tuple[int, int, int | None]]:
    """From that moment on: whole weeks with how long each is open, or days, or what is left of one."""
    while True:
        if (at - _MONDAY) % _WEEK == 0 and (offset := _steady(calendar, at)) is not None:
            yield at, at + _WEEK, _week_total(calendar, offset)
            at += _WEEK
        else:
            following = at - at % _DAY + _DAY
            yield at, following, None
            at = following


def _within(calendar: Calendar, start: int, end: int) -> Iterator[Stretch]:
    """When it is open from the one to the other, in order."""
    for number in range(start // _DAY, -(-end // _DAY)):
        for opens, closes in _day(calendar, number):
            clipped = max(opens, start), min(closes, end)
            if clipped[0] < clipped[1]:
                yield clipped


@lru_cache(maxsize=1 << 14)
def _day(calendar: Calendar, number: int) -> tuple[Stretch, ...]:
    """When it is open in that day of UTC, counted from the epoch."""
    begins = number * _DAY
    return tuple(
        (opens - offset, closes - offset)
        for start, end, offset in _offsets(calendar.zone, begins, begins + _DAY)
        for opens, closes in _on_the_wall(calendar, start + offset, end + offset)
    )


def _on_the_wall(calendar: Calendar, start: int, end: int) -> Iterator[Stretch]:
    """The open times between two readings of the clock, while it runs evenly."""
    found = sorted(
        (day * _DAY + opens * _MINUTE, day * _DAY + closes * _MINUTE)
        for day in range(start // _DAY - 1, end // _DAY + 1)
        for opens, closes in calendar.spans(date.fromordinal(_FIRST_DAY + day))
    )
    for opens, closes in found:
        clipped = max(opens, start), min(closes, end)
        if clipped[0] < clipped[1]:
            yield clipped
            start = clipped[1]  # a late night may run into the next morning's hours


def _offsets(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The parts of a day in which the clock runs evenly, each with how far it is ahead of UTC.

    That it changes at most once in a day of UTC is so in every zone since 1970.
    """
    first, last = _offset(zone, start), _offset(zone, end - 1)
    if first == last:
        yield start, end, first
        return
    before, behind = start, end
    while behind - before > 1:
        middle = (before + behind) // 2
        before, behind = (middle, behind) if _offset(zone, middle) == first else (before, middle)
    yield start, behind, first
    yield behind, end, last


@lru_cache(maxsize=1 << 12)
def _steady(calendar: Calendar, monday: int) -> int | None:
    """The offset from UTC in the whole week; None where it changes, or a holiday is near."""
    offsets = {_offset(calendar.zone, monday + day * _DAY) for day in range(8)}
    first = _FIRST_DAY + monday // _DAY
    near = (date.fromordinal(first + day) for day in range(-2, 9))
    return None if len(offsets) > 1 or any(day in calendar.holidays for day in near) else offsets.pop()


@lru_cache(maxsize=1 << 8)
def _week_total(calendar: Calendar, offset: int) -> int:
    """How long any week without holidays is open."""
    plain = Calendar(calendar.zone, calendar.week)
    begins = _MONDAY + offset
    return sum(closes - opens for opens, closes in _on_the_wall(plain, begins, begins + _WEEK))


def _offset(zone: ZoneInfo, stamp: int) -> int:
    ahead = _moment(stamp).astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // _MICROSECOND


def _stamp(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(stamp: int) -> datetime:
    return _EPOCH + stamp * _MICROSECOND
