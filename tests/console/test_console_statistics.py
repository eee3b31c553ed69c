"""The same numbers wherever they are told, and behind each the cases that it counts."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from socialdesk import cases, targets
from socialdesk.cases import Case
from socialdesk.casework import corrections
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.figures.behind import Figure
from socialdesk.settings import Settings
from socialdesk.settings.promises import Targets
from tests.conftest import HANDLE, Cast
from tests.console.conftest import Town
from tests.program import Program
from tests.stories import US, arrive, post
from tests.test_rollups import reply_to

PERIOD = {"from": "2026-11-20", "to": "2026-11-20"}
OPTIONS = ("--from", "2026-11-20", "--to", "2026-11-20")
OFFICE = """
calendar = "office"
[[targets.rules]]
first_response_minutes = 10
next_response_minutes = 10
resolution_minutes = 600
[targets.calendars.office]
zone = "UTC"
hours = { fri = ["12:30-18:00"] }
"""
RULE = {"first_response_minutes": 10, "next_response_minutes": 10, "resolution_minutes": 600}
PROMISED = Targets.model_validate(
    {
        "rules": [RULE],
        "calendar": "office",
        "calendars": {"office": {"zone": "UTC", "hours": {"fri": ["12:30-18:00"]}}},
    }
)


@pytest.fixture
def zone() -> str:
    return "UTC"


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], zone: str) -> Iterator[Desk]:
    """One whose days are those of that zone."""
    assert database
    desk = assemble(make_settings(console={"time_zone": zone}))
    yield desk
    desk.database.close()


@pytest.fixture
def busy(desk: Desk, cast: Cast, town: Town) -> Desk:
    """A day with something in every figure: two answered elsewhere, early and late, one from the desk, one
    corrected and closed and opened again, one that nobody has answered."""
    with desk.database.transaction() as session:
        targets.use(session, PROMISED)
    assert town
    for number, (asked, answered) in enumerate(((0, 5), (1, 50))):
        talk, who = f"{700 + number}", f"{3000 + number}"
        arrive(desk, post(who, minutes=asked, conversation=talk))
        arrive(desk, post(US, "Lo miramos.", to=who, minutes=answered, conversation=talk))
        arrive(desk, post(who, minutes=60, conversation=talk))
        arrive(desk, post(US, "Ya está.", to=who, minutes=65 + 40 * number, conversation=talk))
    for number in (2, 3, 4):
        arrive(desk, post(f"{3000 + number}", minutes=10 + number, conversation=f"{700 + number}"))
    with desk.database.reading() as session:
        third, fourth = cases.find(session, 3), cases.find(session, 4)
    reply_to(desk, third, cast, words="Lo miramos ahora mismo.")
    reply_to(desk, third, cast, words="Recibido.", automated=True)
    with desk.database.transaction() as session:
        held = cases.hold(session, fourth.id or 0)
        corrections.correct_language(
            session, held, corrections.newest(session, held.id or 0), "pt", by=cast.ana
        )
        held.resolve(by=cast.ana)
    arrive(desk, post("3003", minutes=200, conversation="703"))
    return desk


@pytest.fixture
def stats(busy: Desk, tmp_path: Path, program: Program) -> Callable[..., str]:
    """What `socialdesk stats` prints about this desk for that day."""
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[database]\nurl = "{busy.settings.database.url}"\n[[accounts]]\nhandle = "{HANDLE}"\n'
        f'credentials = "NORTHWIND"\n[log]\nlevel = "error"\n[targets]{OFFICE}'
    )

    def told(*options: str) -> str:
        arguments = ("stats", *options, *OPTIONS, "--settings", file)
        ended = program.run(*arguments, folder=tmp_path, environment=dict(os.environ))
        assert ended.code == 0, ended.complained
        return ended.said

    return told


def bare(told: str) -> str:
    without = re.sub(r'<span class="(?:unseen|note)">.*?</span>', "", told, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", "", without).strip()


def table_of(page: str, caption_id: str) -> dict[str, dict[str, str]]:
    """A table of the page: by language, its cells by their names."""
    table = page.partition(f'id="{caption_id}"')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    cells = re.compile(r'<td data-name="([^"]*)">(.*?)</td>', re.DOTALL)
    return {name: {cell: bare(told) for cell, told in cells.findall(row)} for name, row in rows}


def test_the_page_its_csv_and_the_command_tell_the_same(
    sofia: TestClient, stats: Callable[..., str], tmp_path: Path
) -> None:
    page = sofia.get("/languages", params=PERIOD).text
    kept_as = list(csv.DictReader(io.StringIO(sofia.get("/languages.csv", params=PERIOD).text)))
    printed = list(csv.DictReader(io.StringIO(stats("--csv"))))
    as_json = [json.loads(line) for line in stats("--json").splitlines()]
    picture = tmp_path / "chart.svg"
    terminal = stats("--svg", str(picture))
    figures, promised = table_of(page, "table-title"), table_of(page, "targets-title")
    names = {"es": "Spanish", "pt": "Portuguese"}
    assert {row["language"] for row in kept_as} == set(names)
    for row, other, told in zip(kept_as, printed, as_json, strict=True):
        line, kept = figures[names[row["language"]]], promised.get(names[row["language"]], {})
        assert alike(other, row)
        assert alike({name: "" if told[name] is None else str(told[name]) for name in row}, row)
        for column, name in SHOWN.items():
            assert line[column] == row[name], column
        for column, name in KEPT.items():
            assert not kept or kept[column] == row[name], column
        share = line["In target"]
        assert share == (f"{int(float(row['in_target']) * 100)} %" if row["in_target"] else "–")
        (cells,) = [each for each in terminal.splitlines() if names[row["language"]] in each]
        assert re.findall(r"\b\d+\b", cells)[:5] == [
            row[name] for name in ("messages", "replies", "elsewhere", "open_cases", "waiting_cases")
        ]
        drawn = picture.read_text()
        assert f">{row['messages']}</text>" in drawn
        assert not row["in_target"] or f"{share} in target" in drawn


def alike(one: dict[str, str], other: dict[str, str]) -> bool:
    """Who waits has waited longer when it is told later."""
    slower = [abs(float(one[name] or 0) - float(other[name] or 0)) for name in other if "seconds" in name]
    others = all(one[name] == told for name, told in other.items() if "seconds" not in name)
    return others and max(slower) < 900


SHOWN = {
    "Messages": "messages",
    "Replies": "replies",
    "Automated": "automated",
    "Elsewhere": "elsewhere",
    "Unchanged": "unchanged",
    "Unanswered": "unanswered",
    "Corrected": "corrections",
    "Open": "open_cases",
    "Waiting": "waiting_cases",
}
KEPT = {
    "First response in time": "first_met",
    "First response late": "first_missed",
    "Next response in time": "next_met",
    "Next response late": "next_missed",
    "Resolved in time": "resolved_met",
    "Resolved late": "resolved_missed",
    "Overdue now": "overdue",
}


def test_every_number_opens_the_cases_it_counts(sofia: TestClient, busy: Desk) -> None:
    """However often each of them counts, together they are the number."""
    assert busy
    rows = list(csv.DictReader(io.StringIO(sofia.get("/languages.csv", params=PERIOD).text)))
    for figure in Figure:
        name = NAMES.get(figure, figure.value)
        for row in rows:
            if name not in row:
                continue
            asked = PERIOD | {"figure": figure.value, "language": row["language"]}
            page = sofia.get("/languages/cases", params=asked).text
            assert times_in(page) == int(row[name]), figure


def times_in(page: str) -> int:
    """For how many the cases of a list stand together."""
    times = [re.search(r"counts (\d+) times", each) for each in page.split('<li id="case-')[1:]]
    return sum(int(found[1]) if found else 1 for found in times)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20", "2026-11-23"),
        ("2026-08-11", "2026-11-20"),
        ("2026-11-20", "2027-11-20"),
    ],
)
def test_every_column_and_every_cell_opens_the_cases_it_counts(
    sofia: TestClient, busy: Desk, first: str, last: str
) -> None:
    """By the hour, the day, the week, and by the weekday; those in the picture and those in the table below
    it."""
    assert busy
    page = sofia.get("/languages", params={"from": first, "to": last}).text
    for chart in ("volume", "week"):
        figure = page.partition(f'id="{chart}-title"')[2].partition("</figure>")[0]
        drawn, _, table = figure.partition("<details>")
        columns = re.findall(r'<a href="([^"]+)"[^>]*><rect[^>]*><title>[^<]*: (\d+)</title>', drawn)
        cells = re.findall(r'<td><a href="([^"]+)">(\d+)<', table)
        assert sorted(columns) == sorted(cells)
        assert sum(int(number) for _, number in cells) == 8
        for address, number in cells:
            assert times_in(sofia.get(html.unescape(address)).text) == int(number), address


def test_only_messages_of_a_period_are_told_by_the_hour(sofia: TestClient) -> None:
    for asked in ({"days": "all", "figure": "messages"}, PERIOD | {"figure": "opened"}):
        answer = sofia.get("/languages/cases", params=asked | {"hour": "14"})
        assert answer.status_code == 422
        assert "Only the messages of a period are told by the day or the hour." in answer.text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("hour=0&weekday=4", " · Friday · 00:00"),
        ("hour=14&day=2026-11-20", " · 20 Nov 2026 · 14:00"),
        ("hour=14", "7 days · 14:00"),
    ],
)
def test_the_list_says_which_hour_it_is_about(sofia: TestClient, address: str, told: str) -> None:
    assert told in sofia.get(f"/languages/cases?days=7&figure=messages&{address}").text


NAMES = {
    Figure.CORRECTED: "corrections",
    Figure.OPEN: "open_cases",
    Figure.WAITING: "waiting_cases",
}


def test_in_business_hours_a_wait_before_they_begin_is_short(sofia: TestClient, busy: Desk) -> None:
    assert busy
    page = sofia.get("/languages", params=PERIOD).text
    assert "in business hours:" in page
    assert "No business hours are set" not in page


def test_without_business_hours_the_page_says_so(sofia: TestClient, maria: Case) -> None:
    assert maria
    assert "No business hours are set" in sofia.get("/languages?days=all").text


def test_the_page_asks_the_database_a_fixed_number_of_times(sofia: TestClient, busy: Desk) -> None:
    """However many languages and cases there are."""
    compared = PERIOD | {"compare": "1"}
    few = statements(busy, lambda: sofia.get("/languages", params=compared))
    for number, text in enumerate(("Wo ist mein Paket?", "Où est mon colis ?", "Dov'è il mio pacco?")):
        arrive(busy, post(f"{4000 + number}", text, minutes=20 + number, conversation=f"{800 + number}"))
    assert statements(busy, lambda: sofia.get("/languages", params=compared)) == few <= MOST_STATEMENTS


MOST_STATEMENTS = 20
# Where figures are read; what a page's frame asks is remembered for some seconds.
KEPT_IN = re.compile(r"\b(?:figure_counts|hour_counts|topic_counts|waits|wait_lengths|cases)\b")


def statements(desk: Desk, ask: Callable[[], object]) -> int:
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if KEPT_IN.search(statement):
            asked.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    ask()
    event.remove(desk.database.engine, "before_cursor_execute", note)
    return len(asked)
