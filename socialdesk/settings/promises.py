"""The targets and business hours as settings.toml gives them, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from socialdesk.hours import ALWAYS, DAY_MINUTES, Calendar, Span

ALWAYS_OPEN = "always"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_HOLIDAY = timedelta(days=366)
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class DueFor(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


def span(written: str) -> Span:
    """Minutes after midnight of "09:00-18:00"; what ends no later than it begins ends on the next day."""
    found = _SPAN.fullmatch(written)
    if found is None:
        raise ValueError(f"“{written}” is no opening such as 09:00-18:00")
    hour, minute, end_hour, end_minute = (int(part) for part in found.groups() if part is not None)
    opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
    return opens, closes if closes > opens else closes + DAY_MINUTES


def _spans(written: tuple[str, ...]) -> tuple[str, ...]:
    spans = sorted(map(span, written))
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        raise ValueError("two openings of a day overlap")
    return written


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError(f"“{name}” is no time zone such as Europe/Rome") from error
    return name


Spans = Annotated[tuple[str, ...], AfterValidator(_spans)]
Minutes = Annotated[float, Field(gt=0, le=366 * DAY_MINUTES)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Holiday(_Part):
    """A day, or all from it to the last; with hours of its own, or closed."""

    day: date
    last: date | None = None
    hours: Spans = ()

    @model_validator(mode="after")
    def _ends(self) -> Holiday:
        if not timedelta(0) <= (self.last or self.day) - self.day <= LONGEST_HOLIDAY:
            raise ValueError("a holiday ends before it begins, or after more than a year")
        return self

    @property
    def days(self) -> Iterator[date]:
        for passed in range(((self.last or self.day) - self.day).days + 1):
            yield self.day + timedelta(days=passed)


class CalendarSettings(_Part):
    """When it is open; a weekday that is not named is closed."""

    zone: Annotated[str, AfterValidator(_zone)]
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Spans]
    holidays: tuple[Holiday, ...] = ()

    @model_validator(mode="after")
    def _opens(self) -> CalendarSettings:
        if not any(self.hours.values()):
            raise ValueError("a calendar is never open")
        return self

    def calendar(self) -> Calendar:
        hours: dict[str, tuple[Span, ...]] = {
            day: tuple(map(span, spans)) for day, spans in self.hours.items()
        }
        return Calendar(
            ZoneInfo(self.zone),
            tuple(hours.get(day, ()) for day in WEEKDAYS),
            {day: tuple(map(span, each.hours)) for each in self.holidays for day in each.days},
        )


class TargetRule(_Part):
    """How soon, for the cases to which everything fits that it names; what it leaves out has no target."""

    account: str | None = None
    channel: Literal["public", "private"] | None = None
    language: str | None = None
    priority: Priority | None = None
    first_response_minutes: Minutes | None = None
    next_response_minutes: Minutes | None = None
    resolution_minutes: Minutes | None = None
    calendar: str = ALWAYS_OPEN

    @property
    def conditions(self) -> tuple[str | None, ...]:
        """What decides between two rules that name as much first."""
        account = self.account.removeprefix("@").lower() if self.account else None
        return self.priority, self.language, self.channel, account

    @property
    def particular(self) -> tuple[int, tuple[bool, ...]]:
        """The greater, the more particular."""
        named = tuple(each is not None for each in self.conditions)
        return sum(named), named

    def seconds(self, due_for: DueFor) -> float | None:
        minutes: float | None = getattr(self, f"{due_for}_minutes")
        return None if minutes is None else minutes * 60

    def fits(self, *conditions: str | None) -> bool:
        return all(
            own is None or own == other for own, other in zip(self.conditions, conditions, strict=True)
        )


class Targets(_Part):
    """`calendar` has the desk's own hours, by which waits are told where no target has a calendar."""

    rules: tuple[TargetRule, ...] = ()
    calendars: dict[str, CalendarSettings] = {}
    calendar: str = ALWAYS_OPEN

    @model_validator(mode="after")
    def _sound(self) -> Targets:
        if ALWAYS_OPEN in self.calendars:
            raise ValueError(f"“{ALWAYS_OPEN}” is the calendar that has no hours")
        for name in (self.calendar, *(rule.calendar for rule in self.rules)):
            if name != ALWAYS_OPEN and name not in self.calendars:
                raise ValueError(f"there is no calendar “{name}”")
        if len({rule.conditions for rule in self.rules}) < len(self.rules):
            raise ValueError("two rules name the same cases")
        return self

    @cached_property
    def opened(self) -> dict[str, Calendar]:
        """The calendars by their names."""
        return {ALWAYS_OPEN: ALWAYS} | {name: each.calendar() for name, each in self.calendars.items()}
