"""The supervisors' page."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console import statistics
from socialdesk.figures.behind import Figure
from socialdesk.figures.buckets import by_clock, hour_of, moment


def test_each_language_has_its_line_and_its_bar(sofia: TestClient, maria: Case, kenji: Case) -> None:
    assert maria
    assert kenji
    page = sofia.get("/languages?days=all").text
    table = page.partition('id="table-title"')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="row">(\w+)</th>', table) == ["Spanish", "Japanese", "All"]
    assert page.count('class="bar-name"') == 2
    assert "First response" in page


def test_a_number_leads_to_the_cases_it_counts(sofia: TestClient, maria: Case) -> None:
    page = sofia.get("/languages?days=all").text
    address = re.search(r'href="(/queue\?status=waiting&amp;language=es)"', page)
    assert address
    assert f'id="case-{maria.id}"' in sofia.get(address[1].replace("&amp;", "&")).text


@pytest.mark.parametrize("days", ["1", "7", "30", "90", "all"])
def test_a_period_without_messages_says_so(sofia: TestClient, days: str) -> None:
    answer = sofia.get(f"/languages?days={days}")
    assert answer.status_code == 200
    assert "Nothing was written in this period." in answer.text


@pytest.mark.parametrize(
    "period",
    [
        *("days=-1", "account=0x", "from=2026-11-20"),
        *("from=2026-11-20&to=2026-11-19", "from=2020-01-01&to=2026-01-01"),
    ],
)
def test_a_period_that_is_none_is_refused(sofia: TestClient, period: str) -> None:
    assert sofia.get(f"/languages?{period}").status_code == 422


@pytest.mark.parametrize("figure", list(Figure))
def test_every_figure_opens_a_list(sofia: TestClient, maria: Case, figure: Figure) -> None:
    page = sofia.get(f"/languages/cases?days=all&figure={figure}&language=es")
    assert page.status_code == 200
    counted = figure in ("messages", "opened", "unanswered", "open", "waiting")
    assert (f'id="case-{maria.id}"' in page.text) is counted


def test_a_number_of_another_language_or_channel_does_not_open_the_case(
    sofia: TestClient, maria: Case
) -> None:
    for other in ("language=ja", "channel=private", "topic=nothing", "account=2"):
        page = sofia.get(f"/languages/cases?days=all&figure=opened&{other}").text
        assert f'id="case-{maria.id}"' not in page


def test_chosen_days_are_whole_days_and_compared_with_those_before(sofia: TestClient, maria: Case) -> None:
    wrote = maria.opened_at.date()
    page = sofia.get(f"/languages?from={wrote}&to={wrote}&compare=1").text
    assert "Chosen days, by language" in page
    assert "+1" in page
    later = wrote + timedelta(days=1)
    page = sofia.get(f"/languages?from={later}&to={later}&compare=1").text
    assert "-1" in page


def test_the_figures_can_be_taken_away_as_csv(sofia: TestClient, maria: Case) -> None:
    answer = sofia.get("/languages.csv?days=all")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["language"], row["messages"], row["unanswered"]) == ("es", "1", "1")


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(words: str) -> None:
    (row,) = csv.DictReader(
        io.StringIO(statistics.as_csv([{"name": words, "number": -1}], ["name", "number"]))
    )
    assert row == {"name": f"'{words}", "number": "-1"}


def test_days_are_those_of_the_desks_zone() -> None:
    """In Auckland the evening of the 19th in UTC is the 20th already."""
    first = hour_of(datetime(2026, 11, 19, 11, tzinfo=UTC))
    hours = [0] * 72
    hours[10] = 3
    told = by_clock(hours, first, ZoneInfo("Pacific/Auckland"))
    points = statistics.volume(told, timedelta(days=3))
    assert [(point.name, point.number) for point in points] == [
        ("20 Nov 2026", 3),
        ("21 Nov 2026", 0),
        ("22 Nov 2026", 0),
    ]
    week = statistics.week(told)
    assert week[4][10] == sum(map(sum, week)) == 3


ZONES = ("Europe/Berlin", "America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("since", [date(2026, 3, 1), date(2026, 4, 1), date(2018, 11, 1), date(2026, 10, 1)])
@pytest.mark.parametrize("days", [2, 30, 92])
def test_charts_are_right_when_clocks_are_changed(zone: str, since: date, days: int) -> None:
    """Against a count of hour by hour; in 2018 Brazil changed its clocks still."""
    hours = numbered(since, days)
    columns: Counter[tuple[date, int | None]] = Counter()
    grid: Counter[tuple[int, int]] = Counter()
    for hour, number in hours.items():
        at = moment(hour).astimezone(ZoneInfo(zone))
        columns[at.date(), at.hour if days == 2 else None] += number
        grid[at.weekday(), at.hour] += number
    told = by_clock(list(hours.values()), min(hours), ZoneInfo(zone))
    points = statistics.volume(told, timedelta(days=days))
    drawn = {(point.day, point.hour): point.number for point in points}
    assert {place: number for place, number in drawn.items() if number} == columns
    week = statistics.week(told)
    assert {(day, hour): week[day][hour] for day in range(7) for hour in range(24) if week[day][hour]} == grid


def numbered(since: date, days: int) -> dict[int, int]:
    """A number for each hour of the days after seven in the morning."""
    first = hour_of(datetime.combine(since, time(7), UTC))
    return {hour: hour % 7 + 1 for hour in range(first, first + days * 24)}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("since", [date(2018, 10, 31), date(2025, 11, 24), date(2026, 1, 4)])
@pytest.mark.parametrize("days", [94, 365, 732])
def test_longer_periods_are_told_by_the_week(zone: str, since: date, days: int) -> None:
    """From Monday to Sunday, the first and the last as far as they are asked for."""
    hours = numbered(since, days)
    local = {hour: moment(hour).astimezone(ZoneInfo(zone)).date() for hour in hours}
    weeks: Counter[date] = Counter()
    for hour, number in hours.items():
        weeks[local[hour] - timedelta(days=local[hour].weekday())] += number
    told = by_clock(list(hours.values()), min(hours), ZoneInfo(zone))
    points = statistics.volume(told, timedelta(days=days))
    assert {point.week: point.number for point in points} == weeks
    asked_for = set(local.values())
    for point in points:
        assert point.week
        assert point.last
        mine = {day for day in asked_for if timedelta() <= day - point.week < timedelta(days=7)}
        assert (point.day, point.last) == (min(mine), max(mine))
        assert point.name.startswith(statistics.day_name(point.day))
        assert point.name.endswith(statistics.day_name(point.last))


@pytest.mark.parametrize("chosen", ["weekday={weekday}", "hour={at.hour}", "week={at:%F}"])
def test_hours_of_two_years_open_their_cases(sofia: TestClient, maria: Case, chosen: str) -> None:
    """Thousands of them, as one question to the database."""
    at = maria.opened_at.astimezone(ZoneInfo("UTC"))
    told = chosen.format(at=at, weekday=at.weekday())
    page = sofia.get(f"/languages/cases?from=2024-12-01&to=2026-11-30&figure=messages&{told}").text
    assert f'id="case-{maria.id}"' in page


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-08-01", "2026-11-30", "Chosen days · 16 Nov 2026 – 22 Nov 2026"),
        ("2026-08-01", "2026-11-20", "Chosen days · 16 Nov 2026 – 20 Nov 2026"),
        ("2026-11-20", "2027-11-20", "Chosen days · 20 Nov 2026 – 22 Nov 2026"),
        ("2026-11-22", "2027-11-20", "Chosen days · 22 Nov 2026"),
    ],
)
def test_the_list_of_a_week_says_which_days_it_is_about(
    sofia: TestClient, first: str, last: str, told: str
) -> None:
    page = sofia.get(f"/languages/cases?from={first}&to={last}&figure=messages&week=2026-11-16").text
    assert f"{told}</p>" in page


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("en", "messages from 16 Nov 2026 to 20 Nov 2026</span>"),
        ("de", "Nachricht vom 16. Nov. 2026 bis 20. Nov. 2026</span>"),
    ],
)
def test_who_hears_the_page_is_told_from_when_to_when(
    sofia: TestClient, maria: Case, reader: str, told: str
) -> None:
    assert maria
    asked = {"from": "2026-08-01", "to": "2026-11-20"}
    page = sofia.get("/languages", params=asked, headers={"Accept-Language": reader}).text
    assert f'1<span class="unseen"> {told}' in page


def test_the_last_week_there_is_can_be_asked_for(sofia: TestClient) -> None:
    for week in (date.min, date.max):
        assert sofia.get(f"/languages/cases?days=7&figure=messages&week={week}").status_code == 200
