"""The kept figures are those that a slow and obvious count finds, whatever happens at the desk."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from socialdesk import accounts, cases, clock, messages, replies, targets
from socialdesk.cases import Case
from socialdesk.casework import corrections, sorting
from socialdesk.desk import Desk
from socialdesk.errors import DeskError
from socialdesk.figures import first_responses, recount, reports, still_waiting, sums
from socialdesk.figures.asking import Asked
from socialdesk.figures.promised import NOTHING_KEPT
from socialdesk.placing import merging
from socialdesk.replying import drafts, outbox
from socialdesk.settings import Sending
from socialdesk.settings.promises import Targets
from tests import slow_figures
from tests.conftest import HANDLE, Cast
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, all_cases, arrive, direct_message, post

LONG = "Lo sentimos mucho y lo miramos ahora mismo. " * 12
SAID = {MARIA: "¿Dónde está mi paquete? Lo espero desde el lunes.", PAVEL: "Můj balík ještě nepřišel a čekám"}
_x_ids = count(1_999_000_000_000_000_000, 7)


def kept_is_right(desk: Desk) -> bool:
    with desk.database.transaction() as session:
        return recount.rebuild(session)


def reply_to(
    desk: Desk,
    case: Case,
    cast: Cast,
    *,
    words: str,
    automated: bool = False,
    by_rule: str | None = None,
    most: int = 100,
) -> int:
    """It is written, approved and, part by part, on X, but not more than `most` of it; its row id."""
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=words, by=cast.ana)
        reply.automated, reply.by_rule = automated, by_rule
        session.flush()
        replies.approve(session, reply, by=cast.ana)
        reply_id = reply.id or 0
    send(desk, most)
    return reply_id


def send(desk: Desk, most: int = 100) -> None:
    """So many parts, of whatever is due."""
    for _ in range(most):
        with desk.database.transaction() as session:
            outgoing = outbox.claim(session, 1, Sending(recheck=False))
        if outgoing is None:
            return
        with desk.database.transaction() as session:
            outbox.sent(session, outgoing, x_id=str(next(_x_ids)), at=clock.now())


class Shift:
    """A desk at work: each deed is done to one of its cases, some minutes after the one before."""

    def __init__(self, desk: Desk, cast: Cast) -> None:
        self.desk, self.cast, self.minutes = desk, cast, 0.0

    def do(self, deed: str, number: int, later: int) -> None:
        self.minutes += later
        with (
            time_machine.travel(NOON + timedelta(minutes=self.minutes), tick=False),
            suppress(DeskError, AssertionError),
        ):
            getattr(self, deed)(number)

    def public(self, number: int) -> None:
        who = (MARIA, PAVEL)[number % 2]
        arrive(self.desk, post(who, SAID[who], minutes=self.minutes, conversation=f"{500 + number % 4}"))

    def late(self, number: int) -> None:
        who = (MARIA, PAVEL)[number % 2]
        arrive(self.desk, post(who, SAID[who], minutes=self.minutes - 40, conversation=f"{500 + number % 4}"))

    def private(self, number: int) -> None:
        arrive(self.desk, direct_message((KENJI, MARIA)[number % 2], minutes=self.minutes))

    def elsewhere(self, number: int) -> None:
        who = (MARIA, PAVEL)[number % 2]
        talk = f"{500 + number % 4}"
        arrive(self.desk, post(US, "Lo miramos.", to=who, minutes=self.minutes, conversation=talk))

    def reply(self, number: int) -> None:
        words = f"{LONG if number % 3 == 0 else 'Lo miramos.'} {next(_x_ids)}"
        reply_to(self.desk, self._case(number), self.cast, words=words, automated=number % 5 == 0)

    def begin(self, number: int) -> None:
        """Of a thread only the first part leaves; the rest is refused, or given up."""
        words = f"{LONG} {next(_x_ids)}"
        reply_id = reply_to(self.desk, self._case(number), self.cast, words=words, most=1)
        with self.desk.database.transaction() as session:
            replies.cancel(session, replies.find(session, reply_id), by=self.cast.ana)

    def announce(self, number: int) -> None:
        """What an incident tells everybody whom it concerns."""
        words = f"Ya está resuelto: https://example.com/estado {next(_x_ids)}"
        reply_to(self.desk, self._case(number), self.cast, words=words, by_rule="incident:1")

    def resolve(self, number: int) -> None:
        self._held(number, lambda _, case: case.resolve(by=self.cast.ana))

    def reopen(self, number: int) -> None:
        self._held(number, lambda _, case: case.reopen(by=self.cast.ana))

    def correct(self, number: int) -> None:
        language = ("pt", "it", "es")[number % 3]
        self._held(number, lambda session, case: self._correct(session, case, language))

    def sort(self, number: int) -> None:
        self._held(
            number,
            lambda session, case: sorting.correct_topic(session, case, "refund", by=self.cast.ana),
        )

    def merge(self, number: int) -> None:
        with self.desk.database.transaction() as session:
            every = all_cases(session)
            case = every[number % len(every)]
            merging.merge(session, case.id or 0, every[0].id or 0, by=self.cast.ana)

    def split(self, number: int) -> None:
        def part(session: Session, case: Case) -> None:
            last = messages.newest_from_customer(session, case.id or 0)
            assert last
            merging.split(session, case.id or 0, last.id or 0, by=self.cast.ana)

        self._held(number, part)

    def _correct(self, session: Session, case: Case, language: str) -> None:
        newest = corrections.newest(session, case.id or 0)
        corrections.correct_language(session, case, newest, language, by=self.cast.ana)

    def _case(self, number: int) -> Case:
        with self.desk.database.reading() as session:
            every = all_cases(session)
            assert every
            return every[number % len(every)]

    def _held(self, number: int, change: Callable[[Session, Case], None]) -> None:
        case = self._case(number)
        with self.desk.database.transaction() as session:
            change(session, cases.hold(session, case.id or 0))


DEEDS = [name for name in vars(Shift) if not name.startswith("_") and name != "do"]
HISTORIES = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 11), st.integers(1, 200)), min_size=3, max_size=14
)


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=HISTORIES, from_hour=st.integers(-3, 20), hours=st.integers(1, 60))
def test_every_figure_is_what_a_slow_count_finds(
    desk: Desk, cast: Cast, history: list[tuple[str, int, int]], from_hour: int, hours: int
) -> None:
    clear(desk)
    with desk.database.transaction() as session:
        targets.use(session, PROMISED)
    shift = Shift(desk, cast)
    for deed, number, later in [("public", 0, 1), *history]:
        shift.do(deed, number, later)
    now = NOON + timedelta(minutes=shift.minutes)
    since = NOON + timedelta(hours=from_hour)
    with time_machine.travel(now, tick=False):
        for visibility in (None, "public", "private"):
            assert_alike(desk, now, since, since + timedelta(hours=hours), visibility)
    assert kept_is_right(desk)


# Spanish has the office's hours, Japanese the desk's; Czech, Portuguese and Italian are always answered.
PROMISED = Targets.model_validate(
    {
        "calendar": "desk",
        "calendars": {
            "office": {"zone": "Europe/Rome", "hours": {"fri": ["13:30-18:00"], "sat": ["09:00-12:00"]}},
            "desk": {"zone": "UTC", "hours": {"fri": ["12:00-24:00"], "sun": ["00:00-24:00"]}},
        },
        "rules": [
            {"first_response_minutes": 90, "next_response_minutes": 60, "resolution_minutes": 400},
            {"language": "es", "first_response_minutes": 45, "calendar": "office"},
        ],
    }
)


def is_open(case: Case, at: datetime) -> bool:
    """The same hours once more, in other words."""
    if case.language != "es":
        return (at.weekday() == 4 and at.hour >= 12) or at.weekday() == 6
    rome = at + timedelta(hours=1)  # in November
    if rome.weekday() == 5:
        return 9 <= rome.hour < 12
    return rome.weekday() == 4 and (13, 30) <= (rome.hour, rome.minute) < (18, 0)


def clear(desk: Desk) -> None:
    """What an earlier history has left; the accounts and the cast stay."""
    with desk.database.transaction() as session:
        for table in TO_CLEAR:
            session.connection().execute(text(f"DELETE FROM {table}"))


TO_CLEAR = (
    *("waits", "figure_counts", "hour_counts", "topic_counts", "wait_lengths", "search_entries"),
    *("language_corrections", "topic_corrections", "reply_parts", "replies", "message_versions", "messages"),
    *("case_events", "case_counts", "list_counts", "cases", "customers"),
)


def assert_alike(desk: Desk, now: datetime, since: datetime, until: datetime, visibility: str | None) -> None:
    with desk.database.reading() as session:
        lines = reports.by_language(session, since=since, until=until, visibility=visibility)
        slow = slow_figures.count(session, now, since, until, visibility, is_open)
        promised = slow_figures.kept(session, now, since, until, visibility=visibility)
        by_hour = sums.by_hour(session, Asked(since, until, visibility=visibility))
        assert by_hour == slow_figures.by_hour(session, since, until, visibility)
    for line in lines:
        mine = slow.pop(line.language, slow_figures.Line())
        assert line.messages == mine.numbers["messages"]
        assert (line.replies, line.automated) == (mine.numbers["replies"], mine.numbers["automated"])
        assert line.elsewhere == mine.numbers["elsewhere"]
        assert line.cost == Decimal(mine.micro_dollars) / 1_000_000
        assert (line.opened, line.reopened) == (mine.numbers["opened"], mine.numbers["reopened"])
        assert (line.responses.number, line.unanswered) == (len(mine.waits), mine.unanswered)
        assert line.median_first_response == mine.share(0.5)
        assert line.ninetieth_first_response == mine.share(0.9)
        assert line.responses.open_median == mine.opened_share(0.5)
        assert line.responses.open_ninetieth == mine.opened_share(0.9)
        assert line.kept == promised.pop(line.language, NOTHING_KEPT)
    assert not promised
    assert not [
        line for line in slow.values() if set(+line.numbers) - {"part"} or line.waits or line.micro_dollars
    ]


def test_steps_are_within_two_percent_of_what_was_read_one_by_one(desk: Desk) -> None:
    chance = random.Random(5)
    for number in range(120):
        minutes, took = number * 30.0, chance.lognormvariate(3, 1.2)
        question = post(MARIA, minutes=minutes, conversation=f"{number}")
        answer = post(US, "Lo miramos.", to=MARIA, conversation=f"{number}", minutes=minutes + took)
        arrive(desk, question, answer)
    asked = Asked(NOON, NOON + timedelta(days=4))
    with desk.database.reading() as session:
        (exact,) = first_responses.by_language(session, asked, 120, []).values()
        (steps,) = first_responses.by_language(session, asked, 120, [], exact_up_to=0).values()
    assert exact.number == steps.number == 120
    for one, other in ((exact.median, steps.median), (exact.ninetieth, steps.ninetieth)):
        assert one and other
        assert abs(other / one - 1) < 0.021


def test_many_who_still_wait_are_counted_by_their_age(desk: Desk) -> None:
    """Either way there are as many in the period and in that before, and as old within 2 %."""
    chance = random.Random(6)
    for number in range(60):
        arrive(desk, post(MARIA, minutes=-chance.lognormvariate(6, 1.5), conversation=f"{number}"))
    asked = Asked(NOON - timedelta(hours=5), NOON)
    before = asked.before()
    assert before
    with time_machine.travel(NOON, tick=False), desk.database.reading() as session:
        singly = still_waiting.read(session, asked, compared=before)
        together = still_waiting.read(session, asked, compared=before, exact_up_to=0)
        for period in (asked, before):
            exact = first_responses.by_language(session, period, 0, singly.going)["es"]
            steps = first_responses.by_language(session, period, 0, together.going)["es"]
            assert (exact.number, exact.unanswered) == (steps.number, steps.unanswered)
            for one, other in ((exact.median, steps.median), (exact.ninetieth, steps.ninetieth)):
                assert one and other
                assert abs(other / one - 1) < 0.021
    assert singly[:2] == together[:2]
    assert len(together.going) < len(singly.going) < 60  # some began before either


def test_of_many_who_still_wait_only_those_asked_for_are_counted(desk: Desk) -> None:
    """By account and by channel, in a period and without one; who wrote in the future has waited no time."""
    for number, minutes in enumerate((-300, -30, -20, 90)):
        arrive(desk, post(MARIA, minutes=minutes, conversation=f"{number}"))
    arrive(desk, direct_message(KENJI, minutes=-40))
    hour = Asked(NOON - timedelta(hours=1), NOON)
    with time_machine.travel(NOON, tick=False), desk.database.reading() as session:
        (account,) = (each.id or 0 for each in accounts.all_of(session) if each.handle == HANDLE)
        for asked, expected in (
            (Asked(), {"es": 4, "ja": 1}),
            (hour, {"es": 2, "ja": 1}),
            (replace(hour, visibility="public"), {"es": 2}),
            (replace(hour, accounts=frozenset({account})), {"es": 2, "ja": 1}),
            (replace(hour, accounts=frozenset({account + 1})), {}),
            (replace(hour, accounts=frozenset()), {}),
        ):
            for exact_up_to in (0, 500):
                going = still_waiting.read(session, asked, exact_up_to=exact_up_to).going
                found = first_responses.by_language(session, asked, 0, going)
                assert {language: each.unanswered for language, each in found.items()} == expected
        to_come = Asked(NOON + timedelta(hours=1), NOON + timedelta(hours=2))
        assert sum(each.number for each in still_waiting.read(session, to_come, exact_up_to=0).going) == 1


def test_of_whole_days_only_their_own_waits_are_counted(desk: Desk) -> None:
    for number, minutes in enumerate((0.0, 1_440.0, 2_880.0)):
        question = post(MARIA, minutes=minutes, conversation=f"{number}")
        arrive(
            desk, question, post(US, "Lo miramos.", to=MARIA, conversation=f"{number}", minutes=minutes + 9)
        )
    midnight = NOON.replace(hour=0, minute=0) + timedelta(days=1)
    with desk.database.reading() as session:
        asked = Asked(midnight, midnight + timedelta(days=1))
        (steps,) = first_responses.by_language(session, asked, 1, [], exact_up_to=0).values()
    assert steps.number == 1


def test_what_an_older_version_wrote_is_counted_once(desk: Desk) -> None:
    arrive(desk, post(MARIA), direct_message(KENJI))
    with desk.database.transaction() as session:
        for table in ("waits", "figure_counts", "hour_counts", "topic_counts", "wait_lengths"):
            session.connection().execute(text(f"DELETE FROM {table}"))
        assert recount.is_needed(session)
    with desk.database.transaction() as session:
        assert not recount.rebuild(session)
        assert not recount.is_needed(session)
    with desk.database.reading() as session:
        assert reports.total(reports.by_language(session)).messages == 2
