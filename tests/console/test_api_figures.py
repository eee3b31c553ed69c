"""What the Languages page shows, told to a program: the same numbers, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import Session

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.casework import corrections, sorting
from socialdesk.console import languages, periods
from socialdesk.desk import Desk
from socialdesk.figures import accuracy, sums
from socialdesk.figures.asking import Asked
from socialdesk.people.permissions import Membership
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.satisfaction.questions import ClosingQuestion
from tests.conftest import Cast
from tests.console.conftest import Call, Town
from tests.people import another_account
from tests.stories import NOON

LISTS = (
    "/statistics/languages",
    "/statistics/hours",
    "/statistics/topics",
    "/statistics/corrections",
    "/statistics/satisfaction",
    "/statistics/accuracy/languages",
    "/statistics/accuracy/topics",
    "/statistics/handovers",
)


@pytest.fixture(autouse=True)
def on_the_day_of_the_story() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(minutes=5)):
        yield


@pytest.fixture
def sofia(call: Call, cast: Cast) -> Call:
    """What her program reads of these lists."""

    def asked(path: str, **query: Any) -> Any:
        answer = call("GET", path, by=cast.sofia, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


@pytest.fixture
def story(desk: Desk, town: Town, maria: Case, kenji: Case, cast: Cast) -> None:
    """@maria's case turns out to be in Portuguese, and about something else; @kenji's is as it came."""
    with desk.database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        said = corrections.newest(session, case.id or 0)
        corrections.correct_language(session, case, said, "pt", by=cast.ana)
        sorting.correct_topic(session, case, "membership", by=cast.ana)


@pytest.mark.parametrize(
    ("reach", "account", "asked"),
    [
        (None, None, None),
        (None, 2, {2}),
        (frozenset({1, 2}), None, {1, 2}),
        (frozenset({1, 2}), 2, {2}),
        (frozenset({1}), 2, set()),
        (frozenset(), None, set()),
        (frozenset(), 2, set()),
    ],
)
def test_no_figures_are_asked_for_but_of_accounts_within_reach(
    reach: frozenset[int] | None, account: int | None, asked: set[int] | None
) -> None:
    period = periods.Period(ZoneInfo("UTC"), account=account)
    assert period.asked(reach).accounts == asked


def test_the_numbers_are_those_of_the_page(
    sofia: Call, desk: Desk, story: None, cast: Cast, signed_in: Any
) -> None:
    """Read with the page's own functions, over its own seven days."""
    zone = ZoneInfo(desk.settings.console.time_zone)
    period = periods.Period(zone)
    asked = period.asked(None)
    whole = {"since": asked.since.isoformat(), "until": asked.until.isoformat()}  # type: ignore[union-attr]
    with desk.database.reading() as session:
        shown = languages._figures(session, asked, period)
    told = sofia("/statistics/languages", **whole)["items"]
    assert [(each["language"], each["messages"], each["opened"]) for each in told] == [
        (line.language, line.messages, line.opened) for line in shown.lines
    ]
    topics = sofia("/statistics/topics", **whole)["items"]
    assert {(each["language"], each["topic"]): each["cases"] for each in topics} == {
        (language, topic): number
        for language, numbers in shown.topics.items()
        for topic, number in numbers.items()
    }
    corrected = sofia("/statistics/corrections", **whole)["items"]
    assert corrected == [{"detected": "es", "corrected": "pt", "messages": 1}]
    assert shown.corrections == {("es", "pt"): 1}
    hours = sofia("/statistics/hours", **whole, limit=1000)
    assert sum(each["messages"] for each in hours["items"]) == sum(each.number for each in shown.volume) == 2
    page = signed_in("sofia").get("/languages?details=1").text
    assert re.search(r"What agents corrected", page)


def test_a_languages_line_tells_waits_and_targets_by_kind(sofia: Call, story: None) -> None:
    (kenji,) = (each for each in sofia("/statistics/languages")["items"] if each["language"] == "ja")
    assert (kenji["first_responses"], kenji["unanswered"]) == (1, 1)
    assert kenji["median_first_response"] == kenji["ninetieth_first_response"] > 0
    kinds = ("first_met", "first_missed", "next_met", "next_missed", "resolved_met", "resolved_missed")
    assert [kenji[each] for each in (*kinds, "overdue", "targets_met", "targets_missed")] == [0] * 9


def test_hours_come_a_page_at_a_time_and_none_is_left_out(
    sofia: Call, desk: Desk, maria: Case, kenji: Case
) -> None:
    first, end = NOON - timedelta(hours=6), NOON + timedelta(hours=1)
    period = {"since": first.isoformat(), "until": end.isoformat()}
    found: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = sofia("/statistics/hours", **period, **cursor, limit=3)
        assert 1 <= len(page["items"]) <= 3
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    hours = [(first + timedelta(hours=each)).isoformat().replace("+00:00", "Z") for each in range(7)]
    assert [each["at"] for each in found] == hours
    with desk.database.reading() as session:
        assert [each["messages"] for each in found] == sums.by_hour(session, Asked(first, end))
    assert sum(each["messages"] for each in found) == 2


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        ({}, 168),
        ({"since": "2020-01-01T00:00:00Z", "until": "2020-01-01T05:30:00Z"}, 6),
        ({"since": "9998-01-01T00:00:00Z"}, 168),
        ({"until": "2020-01-01T00:00:00Z"}, 168),
        ({"until": "1970-01-01T05:00:00Z"}, 5),
        ({"until": "1900-01-01T00:00:00Z"}, 0),
    ],
)
def test_a_period_of_hours_that_is_open_at_one_end_is_a_week(
    sofia: Call, asked: dict[str, str], hours: int
) -> None:
    told = sofia("/statistics/hours", **asked, limit=1000)
    assert (len(told["items"]), told["next"]) == (hours, None)


def test_how_often_the_detectors_were_right_is_told(sofia: Call, desk: Desk, story: None) -> None:
    with desk.database.reading() as session:
        expected = accuracy.measure(session).lines, accuracy.measure_topics(session).lines
    for path, lines in zip(("languages", "topics"), expected, strict=True):
        told = sofia(f"/statistics/accuracy/{path}")["items"]
        assert [(each["code"], each["seen"], each["corrected"], each["right"]) for each in told] == [
            (line.code, line.seen, line.corrected, line.right) for line in lines
        ]
    (spanish,) = sofia("/statistics/accuracy/languages")["items"]
    assert (spanish["code"], spanish["right"], spanish["interval"][0]) == ("es", 0.0, 0.0)


def test_whether_we_could_help_is_told_by_account_and_language(
    sofia: Call, desk: Desk, maria: Case, cast: Cast
) -> None:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, maria.id or 0), text="¿Le ayudamos?", by=cast.ana)
        asked(session, reply, maria)
    (line,) = sofia("/statistics/satisfaction")["items"]
    assert line == {
        "account_id": maria.account_id,
        "language": "es",
        "asked": 1,
        "answered": 1,
        "helped": 1,
        "share": 1.0,
    }
    assert sofia("/statistics/satisfaction", until="2020-01-01T00:00:00Z")["items"] == []


def asked(session: Session, reply: Reply, case: Case) -> None:
    """The closing question as it stands once X has it, and the customer has said yes."""
    now = clock.now()
    reply.state, reply.sent_at, reply.approved_at, reply.x_id = State.SENT, now, now, "4711"
    reply.approved_by_id = reply.drafted_by_id
    session.flush()
    session.add(
        ClosingQuestion(
            account_id=case.account_id,
            case_id=case.id or 0,
            customer_id=case.customer_id,
            reply_id=reply.id,
            resolved_at=now,
            wanted_by_id=reply.drafted_by_id,
            state="asked",
            language="es",
            way="dm",
            asked_at=now,
            answered_at=now,
            helped=True,
        )
    )


def test_who_came_to_direct_messages_is_told(
    sofia: Call, desk: Desk, town: Town, maria: Case, cast: Cast
) -> None:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, maria.id or 0), text="Por DM.", by=cast.ana)
        reply.template_id = "please_send_dm"
        now = NOON - timedelta(minutes=25)
        reply.state, reply.sent_at, reply.approved_at, reply.x_id = State.SENT, now, now, "4711"
        reply.approved_by_id = reply.drafted_by_id
    town.writes("101", "Aquí estoy.", private=True, minutes_ago=10)
    (line,) = sofia("/statistics/handovers")["items"]
    assert (line["template"], line["sent"], line["came"]) == ("please_send_dm", 1, 1)
    assert line["minutes"] == 15
    assert sofia("/statistics/handovers", since="9000-01-01T00:00:00Z")["items"] == []


@pytest.mark.parametrize("path", LISTS)
def test_only_whom_supervisors_may_ask_for_and_one_account_at_a_time(
    call: Call, sofia: Call, desk: Desk, story: None, cast: Cast, maria: Case, path: str
) -> None:
    assert call("GET", path).status_code == 403
    elsewhere = another_account(desk.database)

    def told(**query: Any) -> int:
        """How much there is, whatever the list is of."""
        items = sofia(path, **query)["items"]
        numbers = ("messages", "cases", "asked", "seen", "sent")
        return sum(next(each[name] for name in numbers if name in each) for each in items)

    both = told()
    assert told(account=maria.account_id) == both
    assert told(account=elsewhere) == 0
    assert told(account=999) == 0
    assert call("GET", path, by=cast.sofia, params={"account": 0}).status_code == 422
    with desk.database.transaction() as session:
        session.add(Membership(agent_id=cast.sofia.id or 0, account_id=elsewhere, role="supervisor"))
    assert told() == 0
    assert told(account=maria.account_id) == 0
    assert both or path in ("/statistics/satisfaction", "/statistics/handovers")


def test_one_channel_alone_is_told(sofia: Call, story: None) -> None:
    public = sofia("/statistics/languages", visibility="public")["items"]
    assert [(each["language"], each["messages"]) for each in public] == [("pt", 1), ("es", 0)]
    hours = sofia("/statistics/hours", visibility="private")["items"]
    assert sum(each["messages"] for each in hours) == 1
    topics = sofia("/statistics/topics", visibility="public")["items"]
    assert topics == [{"language": "pt", "topic": "membership", "cases": 1}]


@pytest.mark.parametrize(
    "path", ["/statistics/accuracy/languages", "/statistics/accuracy/topics", "/statistics/handovers"]
)
def test_what_is_measured_takes_one_statement_however_much_there_is(
    sofia: Call, desk: Desk, town: Town, story: None, path: str
) -> None:
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    sofia(path)
    few = len(asked)
    for number in range(9):
        town.writes(str(300 + number), "Mi paquete no ha llegado todavía", minutes_ago=9)
    asked.clear()
    sofia(path)
    tables = ("FROM messages", "FROM cases", "FROM replies", "FROM case_events")
    assert len([each for each in asked if any(table in each for table in tables)]) == 1
    assert len(asked) <= few
