"""The radar against examples reckoned by hand: which language is answered too late first, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import Session

from socialdesk import clock, targets
from socialdesk.desk import Desk
from socialdesk.figures import rollups
from socialdesk.figures.buckets import Bucket, hour_of
from socialdesk.people import scope, skills
from socialdesk.people.agents import Agent
from socialdesk.routing import demand, radar, shifts
from socialdesk.routing.choosing import Person
from socialdesk.routing.coverage import Radar, foresee
from socialdesk.routing.demand import HOURS, Demand
from socialdesk.routing.shifts import Plan
from socialdesk.settings.promises import CalendarSettings, Targets
from tests.conftest import Cast, settings_of
from tests.people import another_account
from tests.program import Program
from tests.stories import arrive, post

MIDNIGHT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # a Tuesday
HOUR = timedelta(hours=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_numbers = count(1)


def person(hours: str, *writes: str, away: bool = False, until: datetime | None = None) -> Person:
    week = dict.fromkeys(DAYS, (hours,))
    calendar = CalendarSettings.model_validate({"zone": "UTC", "hours": week}).calendar()
    number = next(_numbers)
    levels = dict.fromkeys(writes, "writes")
    return Person(number, f"Person {number}", calendar, levels, away=away, away_until=until)


def steady(each_hour: float) -> list[float]:
    return [each_hour] * HOURS


def no_targets(_language: str, _at: datetime) -> None:
    return None


def within_two_hours(_language: str, at: datetime) -> datetime:
    return at + 2 * HOUR


def backlog(seen: Radar, language: str) -> list[float]:
    line = next(each for each in seen.lines if each.language == language)
    return [round(each.backlog, 6) for each in line.cells]


def test_what_is_left_is_what_was_left_and_comes_less_what_is_answered_and_never_below_nothing() -> None:
    """Polish: 14 wait, one comes each hour, and from 07:00 to 15:00 one person answers 4 an hour."""
    asked = Demand({"pl": 14}, usual={"pl": steady(1)})
    seen = foresee(asked, [person("07:00-15:00", "pl")], MIDNIGHT, pace=4, due_at=no_targets)
    night, day, evening = list(range(15, 22)), [18, 15, 12, 9, 6, 3, 0, 0], list(range(1, 10))
    assert backlog(seen, "pl") == [*night, *day, *evening]
    line = seen.lines[0]
    assert (line.waiting, line.expected, line.nobody_until) == (14, 24, MIDNIGHT + 7 * HOUR)
    assert [each.answered for each in line.cells[7:15]] == [4, 4, 4, 4, 4, 4, 4, 1]
    assert [each.uncovered for each in line.cells] == [True] * 7 + [False] * 8 + [True] * 9
    assert seen.first == line


def test_the_running_hour_counts_as_far_as_it_is_left() -> None:
    now = MIDNIGHT + timedelta(minutes=45)
    asked = Demand(usual={"pl": steady(4)})
    seen = foresee(asked, [person("00:00-24:00", "pl")], now, pace=2, due_at=no_targets)
    assert backlog(seen, "pl")[:2] == [0.5, 2.5]  # 1 comes and half a reply is written, then 4 and 2


def test_a_message_counts_as_so_many_replies_as_the_desk_has_written() -> None:
    """Who writes twice in a row gets one answer: four messages in an hour are two replies to write."""
    asked = Demand(usual={"pl": steady(4)}, efforts={"pl": 0.5})
    seen = foresee(asked, [person("00:00-24:00", "pl")], MIDNIGHT, pace=1, due_at=no_targets)
    assert backlog(seen, "pl")[:2] == [1, 2]
    assert seen.lines[0].cells[0].expected == 4


def test_whoever_writes_two_languages_gives_each_its_share_and_is_counted_once() -> None:
    """Spanish has 9 and Portuguese 3, so that of one person's 4 replies 3 are Spanish."""
    asked = Demand({"es": 9, "pt": 3})
    seen = foresee(asked, [person("00:00-24:00", "es", "pt")], MIDNIGHT, pace=4, due_at=no_targets)
    assert (backlog(seen, "es")[0], backlog(seen, "pt")[0]) == (6, 2)
    assert (backlog(seen, "es")[2], backlog(seen, "pt")[2]) == (0, 0)


def test_who_writes_one_language_alone_is_counted_first() -> None:
    asked = Demand({"es": 4, "pt": 4})
    people = [person("00:00-24:00", "es", "pt"), person("00:00-24:00", "es")]
    seen = foresee(asked, people, MIDNIGHT, pace=4, due_at=no_targets)
    assert (backlog(seen, "es")[0], backlog(seen, "pt")[0]) == (0, 0)


def test_the_language_that_breaches_first_is_named_with_when() -> None:
    """Both have nobody until 07:00; the Czech case is due at 04:10, the Polish one when somebody is there."""
    dues = {"cs": [MIDNIGHT + timedelta(hours=4, minutes=10)], "pl": [MIDNIGHT + 9 * HOUR]}
    people = [person("07:00-15:00", "cs", "pl")]
    seen = foresee(Demand({"cs": 2, "pl": 5}, dues), people, MIDNIGHT, pace=4, due_at=no_targets)
    assert seen.first is not None
    assert (seen.first.language, seen.first.breach_at) == ("cs", MIDNIGHT + timedelta(hours=4, minutes=10))
    assert next(each for each in seen.lines if each.language == "pl").breach_at is None


def test_what_is_to_come_breaches_too() -> None:
    """One message an hour from midnight on, due within two: the first at two o'clock."""
    seen = foresee(
        Demand(usual={"pl": steady(1)}),
        [person("07:00-15:00", "pl")],
        MIDNIGHT,
        pace=4,
        due_at=within_two_hours,
    )
    assert seen.lines[0].breach_at == MIDNIGHT + 2 * HOUR


def test_what_is_due_first_is_answered_first_so_nothing_breaches_in_vain() -> None:
    """Three due at one, three more at two, and three answered an hour."""
    dues = {"pl": [MIDNIGHT + HOUR] * 3 + [MIDNIGHT + 2 * HOUR] * 3}
    there = [person("00:00-24:00", "pl")]
    seen = foresee(Demand({"pl": 40}, dues), there, MIDNIGHT, pace=3, due_at=no_targets)
    assert seen.lines[0].breach_at is None
    slower = foresee(Demand({"pl": 40}, dues), there, MIDNIGHT, pace=2, due_at=no_targets)
    assert slower.lines[0].breach_at == MIDNIGHT + HOUR


def test_what_is_overdue_comes_before_everything() -> None:
    dues = {"es": [MIDNIGHT - HOUR], "pl": [MIDNIGHT + HOUR]}
    seen = foresee(Demand({"es": 1, "pl": 1}, dues), [], MIDNIGHT, pace=4, due_at=no_targets)
    assert [each.language for each in seen.lines] == ["es", "pl"]
    assert seen.lines[0].overdue == 1


def test_whoever_is_away_is_not_counted_until_back() -> None:
    people = [
        person("00:00-24:00", "pl", away=True, until=MIDNIGHT + 3 * HOUR),
        person("00:00-24:00", "pl", away=True),
    ]
    seen = foresee(Demand({"pl": 5}), people, MIDNIGHT, pace=1, due_at=no_targets)
    assert backlog(seen, "pl")[:5] == [5, 5, 5, 4, 3]


def test_what_can_be_done_is_told_with_names_and_languages() -> None:
    off, on = person("09:00-17:00", "pl"), person("00:00-24:00", "cs")
    seen = foresee(
        Demand({"pl": 5}), [off, on], MIDNIGHT, pace=1, due_at=no_targets, fallback={"pl": ("cs", "en")}
    )
    assert seen.lines[0].ask == [off.name]
    assert seen.lines[0].stand_in == [("cs", 1), ("en", 0)]


def test_all_is_well_when_everything_is_answered() -> None:
    seen = foresee(
        Demand({"pl": 2}, usual={"pl": steady(1)}),
        [person("00:00-24:00", "pl")],
        MIDNIGHT,
        pace=4,
        due_at=within_two_hours,
    )
    assert seen.first is None


def test_a_pace_is_measured_where_there_is_enough_and_the_busiest_quarter_counts() -> None:
    """Of 40 hours with two people on shift ten have 8 replies and the others 2."""
    first = hour_of(MIDNIGHT) - 40
    people = [person("00:00-24:00", "pl"), person("00:00-24:00", "es")]
    replied = {first + number: 8 if number % 4 == 0 else 2 for number in range(40)}
    assert demand.pace(Demand(replied=replied), people, 6) == (4.0, True)
    assert demand.pace(Demand(replied=dict(list(replied.items())[:39])), people, 6) == (6, False)


@pytest.fixture
def at_night() -> object:
    with time_machine.travel(MIDNIGHT, tick=False) as traveller:
        yield traveller


def note(
    session: Session, weeks_ago: int, hour: int, account: int = 1, language: str = "es", **figures: int
) -> None:
    bucket = Bucket(hour_of(MIDNIGHT) - weeks_ago * 168 + hour, account, language, "public")
    for figure, number in figures.items():
        rollups.note(session, bucket, figure, number)


def test_the_radar_reads_the_kept_figures_in_eight_statements(
    desk: Desk, cast: Cast, at_night: object
) -> None:
    """In four whole weeks 8 and 4 and twice nothing at three o'clock are 3 on average; what is older is not
    looked at."""
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id)
        shifts.plan(session, cast.ana, Plan("UTC", dict.fromkeys(DAYS, ("08:00-18:00",))), by=None)
        skills.learn(session, cast.ana, {"es": "writes"})
        note(session, 4, -1, received=1)
        note(session, 1, 3, received=8)
        note(session, 2, 3, received=4)
        note(session, 5, 3, received=400)
    promised = Targets.model_validate({"rules": [{"first_response_minutes": 60}]})
    with desk.database.reading() as session:
        targets.use(session, promised)
    arrive(desk, post("301", minutes=3.5 * 24 * 60))
    statements: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with desk.database.reading() as session:
        seen = radar.look(session, desk.settings.model_copy(update={"targets": promised}))
    read = [each for each in statements if each.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(read) <= 8
    line = next(each for each in seen.lines if each.language == "es")
    assert (seen.weeks, line.waiting, line.cells[3].expected) == (4, 1, 3.0)
    assert line.overdue + (line.breach_at is not None) >= 1
    assert line.ask == ["Ana Horvat"]


def test_replies_for_a_message_are_measured_where_enough_was_written(desk: Desk, at_night: object) -> None:
    with desk.database.transaction() as session:
        note(session, 1, 3, received=200)
        note(session, 1, 4, replied=80)
    with desk.database.reading() as session:
        assert demand.read(session, clock.now(), None).effort("es") == pytest.approx(0.4)
    with desk.database.transaction() as session:
        note(session, 1, 5, received=20, language="it")
        note(session, 1, 6, replied=10, language="it")
    with desk.database.reading() as session:
        assert demand.read(session, clock.now(), None).effort("it") == 1.0


def test_of_other_accounts_nothing_is_told(desk: Desk, cast: Cast, at_night: object) -> None:
    other = another_account(desk.database)
    with desk.database.transaction() as session:
        note(session, 1, -1, received=1)
        note(session, 1, -1, account=other, received=1)
        note(session, 1, 3, account=other, received=50)
    with scope.narrowed(desk.database, {1}).reading() as session:
        mine = radar.look(session, desk.settings, frozenset({1}))
    with desk.database.reading() as session:
        all_of_it = radar.look(session, desk.settings)
    assert mine.lines == []
    assert [each.expected for each in all_of_it.lines] == [50]


@pytest.fixture
def command(desk: Desk, tmp_path: Path, program: Program) -> Callable[..., str]:
    """What the program says to such arguments."""
    file = settings_of(desk, tmp_path)

    def said(*arguments: str) -> str:
        ended = program.run(*arguments, "--settings", file, folder=tmp_path, environment=dict(os.environ))
        assert ended.code == 0, ended.complained
        return ended.said

    return said


def test_both_are_printed_at_the_command_line(desk: Desk, cast: Cast, command: Callable[..., str]) -> None:
    with desk.database.transaction() as session:
        wanted = Plan("Europe/Rome", {"mon": ("09:00-18:00",)}, (), 5)
        shifts.plan(session, session.get_one(Agent, cast.ana.id), wanted, by=None)
        skills.learn(session, cast.ana, {"es": "none"})
    arrive(desk, post("301"))
    ana = json.loads(command("agents", "shifts", "ana", "--json"))
    assert (ana["zone"], ana["week"], ana["most_waiting"]) == ("Europe/Rome", "mon 09:00-18:00", 5)
    assert len(command("agents", "shifts").splitlines()) == 3
    (line,) = command("coverage", "--json").splitlines()
    told = json.loads(line)
    assert (told["language"], told["waiting"], len(told["hours"])) == ("es", 1, HOURS)
    said = command("coverage")
    assert "Spanish: nobody who writes it is on shift in the next 24 hours." in said
    assert "Find somebody who writes Spanish, or name a language that may stand in." in said
