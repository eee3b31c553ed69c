"""The period before another one, also when a clock was put forward or back within."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from socialdesk.figures.asking import Asked

BERLIN = ZoneInfo("Europe/Berlin")


def days(first: str, end: str) -> Asked:
    """From midnight to midnight in Berlin."""
    since, until = (datetime.fromisoformat(day).replace(tzinfo=BERLIN) for day in (first, end))
    return Asked(since, until)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (("2026-10-19", "2026-10-26"), ("2026-10-12", "2026-10-19")),  # winter time begins within
        (("2026-10-26", "2026-11-02"), ("2026-10-19", "2026-10-26")),  # and within the week before
        (("2026-10-25", "2026-10-26"), ("2026-10-24", "2026-10-25")),
        (("2026-03-23", "2026-03-30"), ("2026-03-16", "2026-03-23")),  # summer time begins within
        (("2026-03-30", "2026-04-06"), ("2026-03-23", "2026-03-30")),
        (("2026-03-29", "2026-03-30"), ("2026-03-28", "2026-03-29")),
        (("2026-06-01", "2026-07-01"), ("2026-05-02", "2026-06-01")),
    ],
)
def test_the_days_before_are_as_many_by_the_clock_of_the_zone(
    period: tuple[str, str], before: tuple[str, str]
) -> None:
    assert days(*period).before(BERLIN) == days(*before)


def test_hours_of_a_day_are_compared_with_those_of_the_day_before() -> None:
    since = datetime(2026, 10, 26, 9, tzinfo=BERLIN)
    found = Asked(since, since + timedelta(hours=3)).before(BERLIN)
    assert found == Asked(datetime(2026, 10, 25, 9, tzinfo=BERLIN), datetime(2026, 10, 25, 12, tzinfo=BERLIN))


@pytest.mark.parametrize("week", [("2026-10-19", "2026-10-26"), ("2026-03-23", "2026-03-30")])
def test_without_a_zone_a_changed_clock_makes_no_day(week: tuple[str, str]) -> None:
    asked = days(*week)
    found = asked.before()
    assert found and found.since and found.until and asked.since
    assert asked.since - found.since == timedelta(days=7)
    assert timedelta(0) <= asked.since - found.until <= timedelta(hours=1)


def test_a_period_without_an_end_has_none_before() -> None:
    assert Asked(datetime(2026, 10, 26, tzinfo=BERLIN)).before(BERLIN) is None
