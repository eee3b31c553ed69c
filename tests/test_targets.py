"""A case says when it is due, and whether its targets were kept."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from socialdesk import cases, hours, retiming, targets, time_left
from socialdesk.bulk import insert_rows
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, SettingsError
from socialdesk.figures import reports
from socialdesk.figures.promised import Kept
from socialdesk.hours import Calendar
from socialdesk.messages import Incoming
from socialdesk.placing import merging
from socialdesk.settings import build
from socialdesk.settings.promises import Priority, Targets
from socialdesk.worklists import urgency
from tests.conftest import Cast
from tests.program import Program
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, all_cases, arrive, direct_message, post

MINUTES = timedelta(minutes=1)
OFFICE = {
    "zone": "Europe/Rome",
    "hours": {day: ["09:00-13:00", "14:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
RULES: list[dict[str, Any]] = [
    {"first_response_minutes": 60, "next_response_minutes": 120, "resolution_minutes": 600},
    {"channel": "private", "first_response_minutes": 15},
    {"priority": "high", "first_response_minutes": 10},
    {"priority": "urgent", "first_response_minutes": 5},
    {"language": "it", "first_response_minutes": 30, "calendar": "office"},
]
WANTED = Targets.model_validate({"rules": RULES, "calendars": {"office": OFFICE}})
TALK = "¿Dónde está mi paquete? Lo espero desde el lunes."
ITALIAN = "Il mio pacco non è ancora arrivato, lo aspetto da una settimana"


def at(minutes: float) -> datetime:
    return NOON + minutes * MINUTES


@pytest.fixture
def timed(desk: Desk) -> Desk:
    use(desk, WANTED)
    return desk


def use(desk: Desk, wanted: Targets) -> None:
    with desk.database.transaction() as session:
        targets.use(session, wanted)


def only(desk: Desk) -> Case:
    with desk.database.reading() as session:
        (case,) = all_cases(session)
    return case


def due(desk: Desk) -> tuple[datetime | None, str | None]:
    case = only(desk)
    return case.due_at, case.due_for


def test_a_question_is_due_for_its_first_answer(timed: Desk) -> None:
    arrive(timed, post(MARIA, minutes=3))

    assert due(timed) == (at(63), "first_response")
    assert not only(timed).paused


def test_without_rules_nothing_is_ever_due(desk: Desk) -> None:
    arrive(desk, post(MARIA))

    assert due(desk) == (None, None)


def test_an_answered_case_is_paused_and_the_next_words_are_due_for_the_next_answer(timed: Desk) -> None:
    question = post(MARIA)
    arrive(timed, question)
    arrive(timed, post(US, to=MARIA, conversation=question.x_id, minutes=20))
    assert due(timed) == (None, None)
    assert only(timed).paused

    arrive(timed, post(MARIA, conversation=question.x_id, minutes=200))

    assert due(timed) == (at(320), "next_response")
    assert not only(timed).paused


def test_the_clock_of_the_resolution_stands_still_while_we_wait_for_the_customer(timed: Desk) -> None:
    wanted = {"rules": [{"resolution_minutes": 100}]}
    use(timed, Targets.model_validate(wanted))
    question = post(MARIA)
    arrive(timed, question, post(US, to=MARIA, conversation=question.x_id, minutes=40))

    arrive(timed, post(MARIA, conversation=question.x_id, minutes=1000))

    assert due(timed) == (at(1060), "resolution")


def test_what_is_missed_first_is_what_a_case_is_due_for(timed: Desk) -> None:
    wanted = {"rules": [{"resolution_minutes": 50, "first_response_minutes": 60}]}
    use(timed, Targets.model_validate(wanted))

    arrive(timed, post(MARIA))

    assert due(timed) == (at(50), "resolution")


def test_business_hours_count_in_their_own_time_zone(timed: Desk) -> None:
    """Noon is one o'clock in Rome, when the office closes for an hour, on a Friday."""
    arrive(timed, post(MARIA, ITALIAN, minutes=-10))

    assert due(timed) == (at(80), "first_response")


def test_our_words_that_come_late_are_told_all_the_same(timed: Desk) -> None:
    question = post(MARIA)
    again = post(MARIA, "¿Hola? ¿Hay alguien ahí que me ayude?", conversation=question.x_id, minutes=30)
    answer = post(US, to=MARIA, conversation=question.x_id, minutes=20, x_id=str(int(again.x_id) - 1))
    arrive(timed, question)
    arrive(timed, again)

    arrive(timed, answer)

    assert due(timed) == (at(150), "next_response")
    assert only(timed).first_in_target is True


def test_resolving_ends_it_and_reopening_begins_anew(timed: Desk, cast: Cast) -> None:
    with time_machine.travel(at(0), tick=False):
        arrive(timed, post(MARIA))
    with time_machine.travel(at(90), tick=False), timed.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    assert due(timed) == (None, None)
    assert only(timed).resolved_in_target is True

    with time_machine.travel(at(900), tick=False), timed.database.transaction() as session:
        cases.hold(session, 1).reopen(by=cast.ana)

    assert due(timed) == (at(960), "first_response")
    assert only(timed).resolved_in_target is None
    assert only(timed).waited_seconds == 0


def test_a_correction_of_the_language_or_the_priority_changes_when_it_is_due(timed: Desk, cast: Cast) -> None:
    arrive(timed, post(MARIA, minutes=-10))
    with timed.database.transaction() as session:
        case = cases.hold(session, 1)
        corrections.correct_language(session, case, corrections.newest(session, 1), "it", by=cast.ana)
    assert due(timed) == (at(80), "first_response")

    with timed.database.transaction() as session:
        targets.prioritize(session, cases.find(session, 1), Priority.URGENT, by=cast.ana)

    assert due(timed) == (at(-5), "first_response")
    with timed.database.reading() as session:
        told = [each.details for each in cases.events(session, 1) if each.kind == "prioritized"]
    assert told == [{"from": "normal", "to": "urgent"}]
    with timed.database.transaction() as session, pytest.raises(AlreadyDone):
        targets.prioritize(session, cases.find(session, 1), Priority.URGENT, by=cast.ana)


def test_an_exposed_case_counts_as_high(timed: Desk) -> None:
    arrive(timed, post(MARIA, "Mi teléfono es +34 612 345 678, ¿dónde está mi paquete?"))

    assert only(timed).exposed
    assert due(timed) == (at(10), "first_response")


def test_merged_cases_are_due_as_one_and_split_as_two_again(timed: Desk, cast: Cast) -> None:
    arrive(timed, post(MARIA))
    arrive(timed, post(MARIA, minutes=30))
    with timed.database.transaction() as session:
        merging.merge(session, 1, 2, by=cast.ana)

    with timed.database.reading() as session:
        assert [case.due_at for case in all_cases(session)] == [at(60), None]
    with timed.database.transaction() as session:
        merging.unmerge(session, 2, by=cast.ana)
    with timed.database.reading() as session:
        assert [case.due_at for case in all_cases(session)] == [at(60), at(90)]


@pytest.mark.parametrize(
    ("facts", "minutes"),
    [
        ({"channel": "public", "language": "es"}, 60),
        ({"channel": "private", "language": "es"}, 15),
        ({"channel": "private", "language": "it"}, 30),
        ({"channel": "private", "language": "it", "priority": "high"}, 10),
        ({"account": "@OtherHelp", "channel": "public", "language": "es"}, 40),
        ({"account": "otherhelp", "channel": "private", "language": "es"}, 20),
    ],
)
def test_the_most_particular_rule_counts(facts: dict[str, str], minutes: float) -> None:
    others: list[dict[str, Any]] = [
        {"account": "OtherHelp", "first_response_minutes": 40},
        {"account": "OtherHelp", "channel": "private", "first_response_minutes": 20},
    ]
    wanted = Targets.model_validate({"rules": RULES + others, "calendars": {"office": OFFICE}})
    rule = targets.rule_for(wanted, **({"account": "NorthwindHelp"} | facts))
    assert rule is not None
    assert rule.first_response_minutes == minutes


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"rules": [{"calendar": "moon"}]}, "no calendar “moon”"),
        ({"rules": [{"language": "it"}, {"language": "it"}]}, "two rules name the same cases"),
        ({"rules": [{"first_response_minutes": 0}]}, "greater than 0"),
        ({"calendars": {"a": {"zone": "Atlantis", "hours": {"mon": ["09:00-18:00"]}}}}, "no time zone"),
        ({"calendars": {"a": {"zone": "Europe/Rome", "hours": {"mon": ["9-18"]}}}}, "no opening"),
        ({"calendars": {"a": {"zone": "Europe/Rome", "hours": {}}}}, "never open"),
        ({"calendars": {"always": OFFICE}}, "has no hours"),
        (
            {"calendars": {"a": {"zone": "Europe/Rome", "hours": {"mon": ["09:00-13:00", "12:00-18:00"]}}}},
            "overlap",
        ),
    ],
)
def test_targets_that_cannot_be_meant_are_refused(section: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=says):
        build({"targets": section}, folder=tmp_path)


def test_new_targets_are_applied_some_cases_at_a_time(desk: Desk, cast: Cast) -> None:
    arrive(desk, *(post(str(5000 + number), minutes=number) for number in range(7)))
    with desk.database.transaction() as session:
        cases.hold(session, 7).resolve(by=cast.ana)
    with desk.database.reading() as session:
        assert retiming.is_needed(session, WANTED)
        assert not retiming.is_needed(session, Targets())

    assert list(retiming.apply(desk.database, WANTED, batch=4)) == [4, 2]

    with desk.database.reading() as session:
        assert [case.due_at for case in all_cases(session)] == [*(at(60 + each) for each in range(6)), None]
        assert not retiming.is_needed(session, WANTED)
    assert list(retiming.apply(desk.database, WANTED, batch=4)) == []
    assert sum(retiming.apply(desk.database, Targets())) == 6
    with desk.database.reading() as session:
        assert [case.due_at for case in all_cases(session)] == [None] * 7


def test_an_answer_from_before_there_were_targets_was_the_first(desk: Desk) -> None:
    question = post(MARIA)
    arrive(desk, question, post(US, to=MARIA, conversation=question.x_id, minutes=20))
    arrive(desk, post(MARIA, conversation=question.x_id, minutes=30))

    assert list(retiming.apply(desk.database, WANTED)) == [1]

    assert due(desk) == (at(150), "next_response")


def test_the_command_says_how_many_cases_it_has_timed(
    desk: Desk, tmp_path: Path, database_url: str, program: Program
) -> None:
    arrive(desk, post(MARIA))
    file = tmp_path / "settings.toml"
    written = f'[database]\nurl = "{database_url}"\n[[targets.rules]]\nfirst_response_minutes = 30\n'
    file.write_text(written, encoding="utf-8")

    arguments = ("targets", "apply", "--settings", file)
    ended = program.run(*arguments, folder=tmp_path, environment=dict(os.environ))

    assert ended.code == 0, ended.complained
    assert ended.said == "Open cases timed anew: 1.\n"
    assert due(desk) == (at(30), "first_response")


def test_what_is_overdue_or_soon_will_be_is_told_before(timed: Desk) -> None:
    for number, minutes in enumerate((40, 0, 20)):
        arrive(timed, post(str(6000 + number), minutes=minutes))

    with time_machine.travel(at(70), tick=False), timed.database.reading() as session:
        now = urgency.breaching(session, within=timedelta(0))
        soon = urgency.breaching(session, within=timedelta(minutes=15))
    assert [case.due_at for case in now] == [at(60)]
    assert [case.due_at for case in soon] == [at(60), at(80)]


@dataclass
class Retold:
    """One customer's history gone through once more, slowly: stretches of waiting, and what ended them."""

    calendar: Calendar
    seconds: dict[str, float]
    waits: datetime | None = None
    open_: list[tuple[datetime, datetime]] = field(default_factory=list)
    status: str = Status.WAITING
    answered: bool = False
    kept: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    resolved: bool | None = None

    def tell(self, act: str, moment: datetime) -> None:
        if act in ("asks", "reopens") and self.waits is None:
            if self.status == Status.RESOLVED:
                self.open_, self.resolved = [], None
            self.waits, self.status = moment, Status.WAITING
        elif act == "answers":
            self._answered(moment)
        elif act == "resolves":
            self._ended(moment)
            waited = sum(hours.open_seconds(self.calendar, *each) for each in self.open_)
            self.resolved, self.status = waited <= self.seconds["resolution"], Status.RESOLVED

    def _answered(self, moment: datetime) -> None:
        if self.waits is not None:
            kind = "next" if self.answered else "first"
            took = hours.open_seconds(self.calendar, self.waits, moment)
            self.kept[f"{kind}_{'met' if took <= self.seconds[kind] else 'missed'}"] += 1
            self._ended(moment)
        self.answered = True

    def _ended(self, moment: datetime) -> None:
        if self.waits is not None:
            self.open_.append((self.waits, moment))
        self.waits, self.status = None, Status.ANSWERED

    def as_kept(self) -> Kept:
        decided = {} if self.resolved is None else {f"resolved_{'met' if self.resolved else 'missed'}": 1}
        return Kept(**(self.kept | decided))


ACTS = st.sampled_from(("asks", "asks", "answers", "answers", "resolves", "reopens"))
HISTORIES = st.lists(st.tuples(ACTS, st.integers(1, 700), st.booleans()), max_size=14)
GENERATED = Targets.model_validate(
    {
        "rules": [
            {
                "first_response_minutes": 90,
                "next_response_minutes": 180,
                "resolution_minutes": 400,
                "calendar": "office",
            }
        ],
        "calendars": {"office": OFFICE},
    }
)


def fitting(history: list[tuple[str, int, bool]]) -> Iterator[tuple[str, int, bool]]:
    """Only what agents can do: resolve what is open, and open what is resolved."""
    resolved = False
    for act, minutes, together in history:
        if act == ("resolves" if resolved else "reopens"):
            continue
        resolved = act == "resolves" or (resolved and act == "answers")
        yield act, minutes, together


@how(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_what_was_kept_is_what_a_slow_recomputation_finds(
    desk: Desk, cast: Cast, history: list[tuple[str, int, bool]]
) -> None:
    """Whatever comes in together or one by one; a new customer for each history."""
    use(desk, GENERATED)
    with desk.database.reading() as session:
        number = len(all_cases(session))
        before = kept_in(session).get("es", Kept())
    retold = Retold(
        GENERATED.opened["office"], {"first": 90 * 60.0, "next": 180 * 60.0, "resolution": 400 * 60.0}
    )
    live(desk, cast, str(100_000 + number), [("asks", 1, False), *fitting(history)], retold)

    with desk.database.reading() as session:
        case = all_cases(session)[-1]
        with time_machine.travel(case.opened_at, tick=False):  # nothing is overdue yet
            now = kept_in(session).get("es", Kept())
    expected = retold.as_kept()
    counted = ("first_met", "first_missed", "next_met", "next_missed", "resolved_met", "resolved_missed")
    assert {name: getattr(now, name) - getattr(before, name) for name in counted} == {
        name: getattr(expected, name) for name in counted
    }
    waited = sum(hours.open_seconds(retold.calendar, *each) for each in retold.open_)
    if case.status != Status.RESOLVED:
        assert case.waited_seconds == pytest.approx(waited)
        assert case.counted_since == retold.waits


def kept_in(session: Session, **asked: Any) -> dict[str, Kept]:
    """As the statistics tell it."""
    return {line.language: line.kept for line in reports.by_language(session, **asked)}


def live(desk: Desk, cast: Cast, customer: str, history: list[tuple[str, int, bool]], retold: Retold) -> None:
    together: list[Incoming] = []
    minutes, conversation = 0.0, None
    for act, later, wait in history:
        minutes += later
        retold.tell(act, at(minutes))
        with time_machine.travel(at(minutes), tick=False):
            if act in ("resolves", "reopens"):
                arrive(desk, *together)
                together = []
                act_on(desk, cast, customer, act)
                continue
            ours = {"author": US, "to": customer} if act == "answers" else {"author": customer}
            said = post(**ours, minutes=minutes, conversation=conversation)
            conversation, together = said.conversation_id, [*together, said]
            if not wait:
                arrive(desk, *together)
                together = []
    arrive(desk, *together)


def act_on(desk: Desk, cast: Cast, customer: str, act: str) -> None:
    with desk.database.transaction() as session:
        case = all_cases(session)[-1]
        (case.resolve if act == "resolves" else case.reopen)(by=cast.ana)


def test_intake_asks_the_database_no_more_often_with_targets(desk: Desk) -> None:
    arrive(desk, post("7000"), direct_message("7001"))
    without = statements(desk, number=7100)
    use(desk, WANTED)
    assert statements(desk, number=7200) == without


def statements(desk: Desk, *, number: int) -> int:
    """How many a batch of questions and answers takes."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    batch = [post(str(number + each)) for each in range(20)]
    batch += [post(US, to=str(number), conversation=batch[0].x_id, minutes=5)]
    event.listen(desk.database.engine, "before_cursor_execute", note)
    arrive(desk, *batch)
    event.remove(desk.database.engine, "before_cursor_execute", note)
    return len(asked)


def test_a_missed_target_is_in_the_share_before_anybody_answers(timed: Desk) -> None:
    question, other = post(MARIA), post(PAVEL, TALK, minutes=100)
    arrive(timed, question, post(US, to=MARIA, conversation=question.x_id, minutes=30), other)

    with time_machine.travel(at(200), tick=False), timed.database.reading() as session:
        kept = kept_in(session)["es"]
        of_the_hour = kept_in(session, since=at(0), until=at(60), accounts=frozenset({1}))["es"]
    assert (kept.first_met, kept.overdue, kept.share) == (1, 1, 0.5)
    assert (of_the_hour.overdue, of_the_hour.share) == (0, 1.0)
    assert Kept().share is None


def test_the_waiting_cases_are_listed_by_urgency_page_by_page(desk: Desk) -> None:
    """First those that show personal data, then what is due, then the others by how long they have waited."""
    wanted = {"rules": [{"channel": "private", "first_response_minutes": 30}]}
    use(desk, Targets.model_validate(wanted))
    exposing = "Mi teléfono es +34 612 345 678, ¿dónde está mi paquete?"
    arrive(
        desk,
        *(post(str(8000 + each), exposing if each % 5 == 4 else TALK, minutes=each) for each in range(12)),
    )
    arrive(desk, *(direct_message(str(8100 + each), TALK, minutes=20 - each) for each in range(6)))
    arrive(desk, direct_message(KENJI))

    spanish = col(Case.language) == "es"
    shown: list[Case] = []
    place = None
    with desk.database.reading() as session:
        while page := urgency.waiting(session, spanish, size=4, after=place):
            shown += page
            place = urgency.place_of(page[-1])
        everything = [case for case in all_cases(session) if case.language == "es"]
    far = datetime.max.replace(tzinfo=UTC)
    key = lambda case: (not case.exposed, case.due_at or far, case.waiting_since, case.id)  # noqa: E731
    assert [case.id for case in shown] == [case.id for case in sorted(everything, key=key)]
    assert len(shown) == 18
    assert [case.exposed for case in shown[:3]] == [True, True, False]


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        ((), "ix_cases_due"),
        ((col(Case.language) == "es",), "ix_cases_due_language"),
        ((col(Case.topic) == "parcel_late",), "ix_cases_due_topic"),
    ],
)
def test_every_part_of_the_list_is_read_along_an_index(
    desk: Desk, narrowed: tuple[Any, ...], index: str
) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        row = all_cases(session)[0].model_dump(exclude={"id"})
        insert_rows(session, Case, [row | one_of_many(number) for number in range(4000)])
    with desk.database.transaction() as session:
        session.connection().execute(text("ANALYZE"))
        if not desk.database.is_sqlite:  # so few rows it would rather sort
            session.connection().execute(text("SET LOCAL enable_sort = off"))
            session.connection().execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = explained(session, urgency.ranked(50, *narrowed))
    assert re.search(rf"{index}\b", plan)
    assert plan.count("ix_cases_") == 4
    assert not re.search("TEMP B-TREE|Sort|Seq Scan", plan)


def one_of_many(number: int) -> dict[str, Any]:
    """A tenth waits, of these most are due, and some show personal data."""
    waits = number % 10 == 0
    return {
        "status": Status.WAITING if waits else Status.RESOLVED,
        "language": ("es", "it", "ja")[number % 3],
        "topic": ("parcel_late", None, "refund", None)[number // 10 % 4],
        "waiting_since": at(number * 37 % 4001) if waits else None,
        "due_at": at(number * 91 % 3989) if waits and number % 70 else None,
        "exposed": waits and number % 110 == 0,
    }


def explained(session: Session, ranking: Any) -> str:
    engine = session.connection().engine
    query = str(select(ranking).compile(engine, compile_kwargs={"literal_binds": True}))
    sqlite = engine.dialect.name == "sqlite"
    rows = session.connection().exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {query}")
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (0.5, "due in less than a minute"),
        (12.9, "due in 12 min"),
        (121, "due in 2 h"),
        (60 * 48, "due in 2 d"),
        (0, "overdue by less than a minute"),
        (-3, "overdue by 3 min"),
        (-125, "overdue by 2 h"),
        (-60 * 24 * 3.5, "overdue by 3 d"),
    ],
)
def test_the_time_left_is_said_in_words(minutes: float, says: str) -> None:
    left = time_left.of(at(minutes), paused=False, now=NOON)
    assert (left.says, left.overdue) == (says, minutes <= 0)


def test_a_case_without_a_target_says_nothing_and_a_paused_one_that_it_is() -> None:
    assert time_left.of(None, paused=False, now=NOON).says == ""
    paused = time_left.of(None, paused=True, now=NOON)
    assert (paused.says, paused.paused, paused.overdue) == ("paused", True, False)
