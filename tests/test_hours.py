"""Business hours say what a clock on the wall of the office would, minute by minute."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.hours import ALWAYS, DAY_MINUTES, Calendar, Span, after, open_seconds
from socialdesk.settings.promises import CalendarSettings, span

ZONES = ("Europe/Rome", "America/Sao_Paulo", "Asia/Tokyo", "Africa/Casablanca", "Europe/Istanbul")
MINUTE = timedelta(minutes=1)
OFFICE: Sequence[Span] = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
WORKDAYS = (*[OFFICE] * 5, (), ())
# Days near which the clocks of those zones were put forward or back.
CHANGES = (
    date(2026, 3, 29),  # Rome forward
    date(2026, 10, 25),  # Rome back
    date(2018, 2, 18),  # São Paulo back, at midnight
    date(2018, 11, 4),  # São Paulo forward: that day begins at one
    date(2025, 2, 23),  # Casablanca back, for Ramadan
    date(2025, 4, 6),  # Casablanca forward
    date(2015, 11, 8),  # Istanbul back
    date(2016, 3, 27),  # Istanbul forward, to stay
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """What the rule says, of one moment."""
    wall = moment.astimezone(calendar.zone)
    minute = wall.hour * 60 + wall.minute
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    return any(opens <= minute < closes for opens, closes in calendar.spans(today)) or any(
        minute < closes - DAY_MINUTES for _, closes in calendar.spans(yesterday)
    )


def slowly(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Between two whole minutes."""
    minutes = int((end - start) / MINUTE)
    return 60.0 * sum(is_open(calendar, start + number * MINUTE) for number in range(minutes))


@st.composite
def days_hours(draw: st.DrawFn) -> tuple[Span, ...]:
    """Some openings that do not overlap; the last one may run over midnight."""
    bounds = sorted(draw(st.sets(st.integers(0, 28 * 60), min_size=0, max_size=4)))
    pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    return tuple((opens, closes) for opens, closes in pairs if opens < DAY_MINUTES)


@st.composite
def calendars(draw: st.DrawFn, near: date) -> Calendar:
    week = tuple(draw(st.lists(days_hours(), min_size=7, max_size=7)))
    off = draw(st.dictionaries(st.integers(-10, 10), days_hours(), max_size=3))
    holidays: Mapping[date, Sequence[Span]] = {
        near + timedelta(days=passed): spans for passed, spans in off.items()
    }
    return Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), week, holidays)


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Calendar, datetime, datetime]:
    change = draw(st.sampled_from(CHANGES))
    midnight = datetime(change.year, change.month, change.day, tzinfo=UTC)
    start = midnight + draw(st.integers(-9 * DAY_MINUTES, 2 * DAY_MINUTES)) * MINUTE
    return draw(calendars(change)), start, start + draw(st.integers(0, 18 * DAY_MINUTES)) * MINUTE


@settings(max_examples=40, deadline=None)
@given(stretches())
def test_open_time_is_that_of_every_minute_by_itself(stretch: tuple[Calendar, datetime, datetime]) -> None:
    calendar, start, end = stretch
    assert open_seconds(calendar, start, end) == slowly(calendar, start, end)


@settings(max_examples=300, deadline=None)
@given(stretches(), st.floats(0, 40 * 24 * 3600))
def test_the_two_reckonings_undo_each_other(
    stretch: tuple[Calendar, datetime, datetime], asked: float
) -> None:
    calendar, start, _ = stretch
    seconds = round(asked * 1_000_000) / 1_000_000
    if not any(calendar.week):
        calendar = Calendar(calendar.zone, WORKDAYS, calendar.holidays)
    assert open_seconds(calendar, start, after(calendar, start, seconds)) == seconds


@settings(max_examples=200, deadline=None)
@given(stretches(), st.integers(0, 20 * DAY_MINUTES))
def test_open_times_add_up(stretch: tuple[Calendar, datetime, datetime], minutes: int) -> None:
    calendar, start, middle = stretch
    end = middle + minutes * MINUTE
    parts = open_seconds(calendar, start, middle) + open_seconds(calendar, middle, end)
    assert open_seconds(calendar, start, end) == pytest.approx(parts)


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Africa/Casablanca"])
def test_weeks_at_once_are_as_exact_as_minutes_over_a_year(zone: str) -> None:
    week = (((9 * 60, 18 * 60),), (), ((22 * 60, 26 * 60),), OFFICE, OFFICE, (), ((0, DAY_MINUTES),))
    calendar = Calendar(ZoneInfo(zone), week, {date(2018, 5, 1): (), date(2018, 12, 24): ((540, 720),)})
    start, end = utc(2017, 12, 31, 17, 23), utc(2019, 1, 2, 3, 4)
    assert open_seconds(calendar, start, end) == slowly(calendar, start, end)


def test_without_hours_it_is_always_open() -> None:
    start = utc(2026, 10, 24, 23, 0)
    assert open_seconds(ALWAYS, start, start + timedelta(days=2)) == 2 * 24 * 3600
    assert after(ALWAYS, start, 90) == start + timedelta(seconds=90)
    assert open_seconds(ALWAYS, start, start - timedelta(days=2)) == 0


def test_a_night_is_as_long_as_its_clock_runs() -> None:
    night = Calendar(ZoneInfo("Europe/Rome"), [((22 * 60, 30 * 60),)] * 7)
    usual = utc(2026, 3, 20, 21, 0)
    assert open_seconds(night, usual, usual + timedelta(hours=12)) == 8 * 3600
    spring, autumn = utc(2026, 3, 28, 21, 0), utc(2026, 10, 24, 20, 0)
    assert open_seconds(night, spring, spring + timedelta(hours=12)) == 7 * 3600
    assert open_seconds(night, autumn, autumn + timedelta(hours=12)) == 9 * 3600


def test_a_friday_afternoon_goes_on_on_monday_and_a_holiday_is_left_out() -> None:
    office = Calendar(ZoneInfo("Europe/Rome"), WORKDAYS)
    friday = utc(2026, 11, 20, 16, 30)  # half past five in Rome
    assert after(office, friday, 3600) == utc(2026, 11, 23, 8, 30)
    closed = Calendar(ZoneInfo("Europe/Rome"), WORKDAYS, {date(2026, 11, 23): ((600, 615),)})
    assert after(closed, friday, 3600) == utc(2026, 11, 24, 8, 15)


def test_what_is_due_just_when_it_closes_is_due_then() -> None:
    office = Calendar(ZoneInfo("Europe/Rome"), WORKDAYS)
    assert after(office, utc(2026, 11, 20, 16, 30), 1800) == utc(2026, 11, 20, 17, 0)


def test_ten_years_take_less_than_the_minutes_of_four_months() -> None:
    office = Calendar(ZoneInfo("Europe/Rome"), WORKDAYS, {date(2020, 5, 1): ()})
    start = utc(2016, 1, 1)
    began = time.process_time()
    opened = open_seconds(office, start, utc(2026, 1, 1))
    assert after(office, start, opened) < utc(2026, 1, 1)
    took = time.process_time() - began

    began = time.process_time()
    slowly(office, start, start + timedelta(days=120))
    assert took < time.process_time() - began


def test_openings_are_read_as_they_are_written() -> None:
    assert [span("09:00-18:00"), span("22:00-02:00"), span("00:00-24:00"), span("08:00-08:00")] == [
        (540, 1080),
        (1320, 1560),
        (0, 1440),
        (480, 1920),
    ]


def test_a_range_of_holidays_closes_all_its_days() -> None:
    written = CalendarSettings.model_validate(
        {
            "zone": "Europe/Rome",
            "hours": {"mon": ["09:00-18:00"], "thu": ["09:00-18:00"]},
            "holidays": [{"day": date(2026, 12, 21), "last": date(2026, 12, 25)}],
        }
    )
    calendar = written.calendar()
    week = utc(2026, 12, 20), utc(2026, 12, 27)
    assert open_seconds(calendar, *week) == 0
    assert open_seconds(calendar, week[0] - timedelta(days=7), week[0]) == 18 * 3600
