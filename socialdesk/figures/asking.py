"""What is asked of the figures: which period, whose accounts, which channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col

from socialdesk.figures.buckets import FOUR_WEEKLY, HOURLY, hour_after, hour_of, moment, spans

_END_OF_TIME = FOUR_WEEKLY * 100_000
_DAY, _CLOCK_CHANGE = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Half open, from `since` up to, not including, `until`, by whole hours: a begun one belongs to it.

    `accounts` are row ids, None for all; so is `visibility` for both channels.
    """

    since: datetime | None = None
    until: datetime | None = None
    accounts: frozenset[int] | None = None
    visibility: str | None = None

    @property
    def hours(self) -> tuple[int, int]:
        first = hour_of(self.since) if self.since else 0
        return first, hour_after(self.until) if self.until else _END_OF_TIME

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The same hours as moments."""
        first, end = self.hours
        return moment(first) if self.since else None, moment(end) if self.until else None

    def before(self, zone: ZoneInfo | None = None) -> Asked | None:
        """The same hours of as many days before, by the clock of that zone; None when this period has no
        beginning or no end. Without a zone an hour that a clock was put back or forward makes no day."""
        if self.since is None or self.until is None:
            return None
        if zone is None:
            back = _DAY * max(1, ceil((self.until - self.since - _CLOCK_CHANGE) / _DAY))
            return replace(self, since=self.since - back, until=min(self.until - back, self.since))
        since, until = (each.astimezone(zone).replace(tzinfo=None) for each in (self.since, self.until))
        back = _DAY * max(1, ceil((until - since) / _DAY))
        first, end = ((each - back).replace(tzinfo=zone).astimezone(UTC) for each in (since, until))
        return replace(self, since=first, until=end)

    def holds(self, at: datetime) -> bool:
        since, until = self.moments
        return (since is None or at >= since) and (until is None or at < until)

    def when(self, column: Any) -> ColumnElement[bool]:
        """That a moment is in the period."""
        since, until = self.moments
        within = [column >= since] if since else []
        return and_(true(), *within, *([column < until] if until else []))

    def whose(self, table: Any, *, channel: Any = None) -> ColumnElement[bool]:
        """That a row is of one of the accounts, and of the channel where `channel` is its column."""
        wanted: list[ColumnElement[bool]] = [true()]
        if self.accounts is not None:
            wanted.append(col(table.account_id).in_(sorted(self.accounts)))
        if self.visibility and channel is not None:
            wanted.append(channel == self.visibility)
        return and_(*wanted)


EVERYTHING = Asked()


def has_days(asked: Asked) -> bool:
    """Whether there is a whole day of UTC within the period."""
    return any(span.grain != HOURLY for span in spans(*asked.hours))


def edges(asked: Asked, column: Any) -> ColumnElement[bool]:
    """That a moment is in the period, but in none of its whole days: never when there is nothing else."""
    return or_(
        false(),
        *(
            and_(column >= moment(span.first), column < moment(span.end))
            for span in spans(*asked.hours)
            if span.grain == HOURLY
        ),
    )
