"""A week from Monday to Sunday, in the desk's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from socialdesk.figures.asking import Asked

_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """`first` is its Monday."""

    first: date
    zone: ZoneInfo

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    def before(self) -> Week:
        return Week(self.first - _DAYS, self.zone)

    def asked(self, accounts: frozenset[int] | None) -> Asked:
        """What the pages ask for when these two days are chosen there."""
        return Asked(self._midnight(self.first), self._midnight(self.first + _DAYS), accounts)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def last_whole(at: datetime, zone: ZoneInfo) -> Week:
    """The week that was over at that moment, and no other since."""
    today = at.astimezone(zone).date()
    return Week(today - timedelta(days=today.weekday()) - _DAYS, zone)


def next_time(weekday: int, hour: int, zone: ZoneInfo, *, after: datetime) -> datetime:
    """When it is next that hour of that day; Monday is 0. An hour that the clock skips is the next one."""
    here = after.astimezone(zone).date()
    day = here + timedelta(days=(weekday - here.weekday()) % 7)
    found = _moment(day, hour, zone)
    return found if found > after else _moment(day + _DAYS, hour, zone)


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
