"""The supervisors' page."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console import statistics
from socialdesk.figures.behind import Figure
from socialdesk.figures.buckets import hour_of, moment


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
    zone = ZoneInfo("Pacific/Auckland")
    since = datetime(2026, 11, 19, 11, tzinfo=UTC)
    hours = {hour_of(since + timedelta(hours=10)): 3}
    points = statistics.volume(hours, since, since + timedelta(days=3), zone)
    assert [(point.name, point.number) for point in points] == [
        ("20 Nov 2026", 3),
        ("21 Nov 2026", 0),
        ("22 Nov 2026", 0),
    ]
    week = statistics.week(hours, since, since + timedelta(days=3), zone)
    assert week[4][10] == sum(map(sum, week)) == 3


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_charts_are_right_when_clocks_are_changed(zone: str, month: int) -> None:
    """Against a count of hour by hour."""
    since = datetime(2026, month, 1, 7, tzinfo=UTC)
    until = since + timedelta(days=30)
    hours = {hour: hour % 7 + 1 for hour in range(hour_of(since), hour_of(until))}
    days: Counter[date] = Counter()
    grid: Counter[tuple[int, int]] = Counter()
    for hour, number in hours.items():
        at = moment(hour).astimezone(ZoneInfo(zone))
        days[at.date()] += number
        grid[at.weekday(), at.hour] += number
    points = statistics.volume(hours, since, until, ZoneInfo(zone))
    assert {point.day: point.number for point in points} == days
    week = statistics.week(hours, since, until, ZoneInfo(zone))
    assert {(day, hour): week[day][hour] for day in range(7) for hour in range(24)} == grid
