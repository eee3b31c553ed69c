"""The language figures in other shapes than a page: rows for CSV and JSON, points for the charts, words."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HOURLY_UP_TO = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Point:
    """One column of the chart over time; `day` is the day it stands for, None for an hour."""

    name: str
    day: date | None
    number: int


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
    by_hour = until - since <= HOURLY_UP_TO
    counted: Counter[tuple[str, date | None]] = Counter()
    for hour in range(buckets.hour_of(since), buckets.hour_after(until)):
        at = buckets.moment(hour).astimezone(zone)
        place = (_hour_name(at), None) if by_hour else (_day_name(at), at.date())
        counted[place] += hours.get(hour, 0)
    return [Point(*place, number) for place, number in counted.items()]


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


def week(hours: Mapping[int, int], zone: ZoneInfo) -> list[list[int]]:
    """Messages by weekday, Monday first, and by hour of the day in that zone."""
    grid = [[0] * 24 for _ in range(7)]
    for hour, number in hours.items():
        at = buckets.moment(hour).astimezone(zone)
        grid[at.weekday()][at.hour] += number
    return grid
