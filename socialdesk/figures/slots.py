"""Which hours of a period a column or a cell of the charts stands for, by the clock of a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_

from socialdesk.figures.asking import Asked
from socialdesk.figures.buckets import moment


@dataclass(frozen=True, slots=True)
class Slot:
    """A day, a weekday (Monday is 0), an hour of the day (0 to 23), or what all of those that are told share.

    It is told by where an hour of UTC begins, as in the charts: where the clock is put back one slot has two.
    """

    zone: ZoneInfo
    hour: int | None = None
    day: date | None = None
    weekday: int | None = None

    def hours(self, asked: Asked) -> Iterator[int]:
        """Those of the period, which has a beginning and an end, counted from 1970."""
        for hour in range(*asked.hours):
            at = moment(hour).astimezone(self.zone)
            wanted = (self.hour, at.hour), (self.day, at.date()), (self.weekday, at.weekday())
            if all(told in (None, found) for told, found in wanted):
                yield hour

    def when(self, asked: Asked, column: Any) -> ColumnElement[bool]:
        """That a moment is in one of them."""
        hours = self.hours(asked)
        return or_(false(), *(and_(column >= moment(each), column < moment(each + 1)) for each in hours))
