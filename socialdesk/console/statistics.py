"""The language figures in other shapes than a page: rows for CSV and JSON, points for the charts, words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from socialdesk import phrases
from socialdesk.figures import buckets
from socialdesk.figures.reports import LanguageFigures
from socialdesk.figures.slots import Slot

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HOURLY_UP_TO = timedelta(days=2)
_WEEK = 7 * buckets.DAILY
_A_MONDAY = 4 * buckets.DAILY  # the fifth of January 1970, in hours


@dataclass(frozen=True, slots=True)
class Point:
    """One column of the chart over time: a day, or one `hour` of it."""

    name: str
    day: date
    number: int
    hour: int | None = None


def told(line: LanguageFigures) -> dict[str, Any]:
    """One line by the names that CSV and JSON have for its figures."""
    return {
        "language": line.language,
        "messages": line.messages,
        "replies": line.replies,
        "open_cases": line.open_cases,
        "waiting_cases": line.waiting_cases,
        "median_first_response_seconds": _seconds(line.median_first_response),
        "unanswered": line.unanswered,
        "ninetieth_first_response_seconds": _seconds(line.ninetieth_first_response),
        "first_responses": line.responses.number,
        "automated": line.automated,
        "elsewhere": line.elsewhere,
        "unchanged": line.unchanged,
        "opened": line.opened,
        "reopened": line.reopened,
        "corrections": line.corrected,
        "oldest_waiting_since": line.oldest_since.isoformat() if line.oldest_since else None,
        "cost_dollars": f"{line.cost:.3f}",
        "median_first_response_business_seconds": _seconds(line.responses.open_median),
        "ninetieth_first_response_business_seconds": _seconds(line.responses.open_ninetieth),
        **asdict(line.kept),
        "in_target": None if line.kept.share is None else round(line.kept.share, 4),
    }


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """No cell is a formula to whatever opens it: what begins like one gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(row[name]) for name in columns})
    return written.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def volume(hours: Mapping[int, int], since: datetime, until: datetime, zone: ZoneInfo) -> list[Point]:
    """Messages over time, none left out: by the hour up to two days, else by the day in that zone."""
    begun, numbers = buckets.by_clock(hours, buckets.hour_of(since), buckets.hour_after(until), zone)
    if until - since <= HOURLY_UP_TO:
        at = ((buckets.moment(begun + place), number) for place, number in enumerate(numbers))
        return [_point(each.date(), each.hour, number) for each, number in at]
    first = -(begun % buckets.DAILY)
    days = range(first, len(numbers), buckets.DAILY)
    return [
        _point(buckets.moment(begun + day).date(), None, sum(numbers[max(0, day) : day + buckets.DAILY]))
        for day in days
    ]


def _point(day: date, hour: int | None, number: int) -> Point:
    if hour is None:
        return Point(day_name(day), day, number)
    return Point(_hour_name(datetime.combine(day, time(hour))), day, number, hour)


def slot_name(slot: Slot) -> Iterator[str]:
    """The day and the hour that a list of cases is about."""
    if slot.day is not None:
        yield day_name(slot.day)
    if slot.weekday is not None:
        yield str(phrases.locale().days["stand-alone"]["wide"][slot.weekday])
    if slot.hour is not None:
        yield f"{slot.hour:02}:00"


def _hour_name(at: datetime) -> str:
    if phrases.reader() == phrases.SOURCE:
        return f"{at:%a %H:00}"
    return f"{phrases.locale().days['format']['abbreviated'][at.weekday()]} {at:%H:00}"


def _day_name(at: datetime) -> str:
    if phrases.reader() == phrases.SOURCE:
        return f"{at:%-d %b %Y}"
    return str(format_skeleton("yMMMd", at, locale=phrases.locale()))


def changed(number: int) -> str:
    """By so many more or fewer, the sign always told."""
    if phrases.reader() == phrases.SOURCE:
        return f"{number:+d}"
    return str(format_decimal(number, format="+#,##0;-#,##0", locale=phrases.locale()))


def cents(cost: Decimal) -> str:
    """As exactly as X charges: a tenth of a cent is told too."""
    if phrases.reader() == phrases.SOURCE:
        return f"${cost:.3f}"
    return str(format_currency(cost, "USD", "¤#,##0.000", locale=phrases.locale(), currency_digits=False))


def day_name(day: date) -> str:
    return _day_name(datetime.combine(day, time(12)))


def week(hours: Mapping[int, int], since: datetime, until: datetime, zone: ZoneInfo) -> list[list[int]]:
    """Messages by weekday, Monday first, and by hour of the day in that zone."""
    begun, numbers = buckets.by_clock(hours, buckets.hour_of(since), buckets.hour_after(until), zone)
    beginning = (begun - _A_MONDAY) % _WEEK
    summed = [sum(numbers[(hour - beginning) % _WEEK :: _WEEK]) for hour in range(_WEEK)]
    return [summed[day : day + buckets.DAILY] for day in range(0, _WEEK, buckets.DAILY)]
