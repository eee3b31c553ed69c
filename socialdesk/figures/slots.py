"""Which hours of a period a column or a cell of the charts stands for, by the clock of a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_

from socialdesk.figures.asking import Asked
from socialdesk.figures.buckets import DAILY, hour_of, moment

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A day, a week (told by its Monday), a weekday (Monday is 0), an hour of the day (0 to 23), or what all
    of those that are told share.

    It is told by where an hour of UTC begins, as in the charts: where the clock is put back one slot has two.
    """

    zone: ZoneInfo
    hour: int | None = None
    day: date | None = None
    weekday: int | None = None
    week: date | None = None

    def hours(self, asked: Asked) -> Iterator[int]:
        """Those of the period, which has a beginning and an end, counted from 1970."""
        for hour in self._around(*asked.hours):
            at = moment(hour).astimezone(self.zone)
            wanted = (
                (self.hour, at.hour),
                (self.day, at.date()),
                (self.weekday, at.weekday()),
                (self.week, monday_of(at.date())),
            )
            if all(told in (None, found) for told, found in wanted):
                yield hour

    def when(self, asked: Asked, column: Any) -> ColumnElement[bool]:
        """That a moment is in one of them."""
        return or_(
            false(),
            *(and_(column >= moment(first), column < moment(end)) for first, end in _runs(self.hours(asked))),
        )

    def _around(self, first: int, end: int) -> range:
        """Which of these hours need to be looked at: a day and a week are known beforehand, but for what the
        clock is changed."""
        begun = self.day or self.week
        if begun is None:
            return range(first, end)
        midnight = hour_of(datetime.combine(begun, time(), self.zone))
        length = (_DAY if self.day else _WEEK) // timedelta(hours=1)
        return range(max(first, midnight - DAILY), min(end, midnight + length + DAILY))


def monday_of(day: date) -> date:
    """Of the week in which that day is."""
    return day - timedelta(days=day.weekday())


def _runs(hours: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Hours that follow each other as one stretch: its first hour, and the one after its last."""
    for _, run in groupby(enumerate(hours), lambda each: each[1] - each[0]):
        followed = [hour for _, hour in run]
        yield followed[0], followed[-1] + 1
