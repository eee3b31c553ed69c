"""The language figures in other shapes than a page: rows for CSV and JSON, points for the charts, words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from socialdesk import phrases
from socialdesk.figures import buckets
from socialdesk.figures.buckets import ByClock
from socialdesk.figures.reports import LanguageFigures
from socialdesk.figures.slots import Slot, monday_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HOURLY_UP_TO = timedelta(days=2)
WEEKLY_FROM = timedelta(days=93)  # three months are drawn by the day, however long
_WEEK = 7 * buckets.DAILY
_A_MONDAY = 4 * buckets.DAILY  # the fifth of January 1970, in hours
_LAST_MONDAY = monday_of(date.max) - timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Point:
    """One column of the chart over time: a day, one `hour` of it, or the `week` that begins on that Monday,
    as far as it is asked for: from `day` to `last`."""

    name: str
    day: date
    number: int
    hour: int | None = None
    week: date | None = None
    last: date | None = None


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


def volume(told: ByClock, length: timedelta) -> list[Point]:
    """Messages over time, none left out: by the hour up to two days, by the week beyond three months, else by
    the day."""
    if length <= HOURLY_UP_TO:
        at = ((buckets.moment(told.begun + place), number) for place, number in enumerate(told.numbers))
        return [Point(_hour_name(each), each.date(), number, each.hour) for each, number in at]
    if length < WEEKLY_FROM:
        days = _added(told, buckets.DAILY)
        return [Point(day_name(day), day, number) for day, _, number in days]
    weeks = _added(told, _WEEK, _A_MONDAY)
    return [
        Point(days_name(first, last), first, number, week=monday_of(first), last=last)
        for first, last, number in weeks
    ]


def _added(told: ByClock, length: int, begun: int = 0) -> Iterator[tuple[date, date, int]]:
    """Sums over so many hours, counted from the one that begins at `begun`, and the first and the last day of
    each that are asked for."""
    beginning = -((told.begun - begun) % length)
    for hour in range(beginning, len(told.numbers), length):
        first, end = max(0, hour), min(hour + length, len(told.numbers))
        first_day, last_day = (buckets.moment(told.begun + each).date() for each in (first, end - 1))
        yield first_day, last_day, sum(told.numbers[first:end])


def slot_name(slot: Slot, first: date | None, last: date | None) -> Iterator[str]:
    """The days and the hour that a list of cases is about, as far as they are among those days."""
    if slot.week is not None:
        sunday = min(slot.week, _LAST_MONDAY) + timedelta(days=6)
        yield days_name(max(slot.week, first or slot.week), min(sunday, last or sunday))
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


def days_name(first: date, last: date) -> str:
    """From the first of them to the last."""
    return day_name(first) if first == last else f"{day_name(first)} – {day_name(last)}"


def week(told: ByClock) -> list[list[int]]:
    """Messages by weekday, Monday first, and by hour of the day."""
    beginning = (told.begun - _A_MONDAY) % _WEEK
    summed = [sum(told.numbers[(hour - beginning) % _WEEK :: _WEEK]) for hour in range(_WEEK)]
    return [summed[day : day + buckets.DAILY] for day in range(0, _WEEK, buckets.DAILY)]
