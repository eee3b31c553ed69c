"""Cases put aside until a moment: out of the lists, with their customers still waiting."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from socialdesk import cases, clock, counts
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing, undoing
from socialdesk.casework.snoozing import Until
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.figures import recount, reports
from socialdesk.people.agents import Agent
from socialdesk.workers import waker
from socialdesk.worklists import putting_back, queues, together
from socialdesk.worklists.queues import Cases
from socialdesk.worklists.together import Act, BulkChange, Wanted
from tests.conftest import Cast
from tests.stories import MARIA, US, arrive, post

ROME = ZoneInfo("Europe/Rome")
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def snoozed(desk: Desk, cast: Cast) -> int:
    """Maria's case, snoozed by Ana for two hours."""
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        snoozing.snooze(cases.hold(session, 1), clock.now() + timedelta(hours=2), by=cast.ana)
    return 1


def listed(desk: Desk) -> dict[str, list[int | None]]:
    with desk.database.reading() as session:
        return {
            kind: [case.id for case, _ in queues.page(session, kind).rows]
            for kind in (Cases.WAITING, Cases.UNASSIGNED, Cases.SNOOZED)
        }


def numbers(desk: Desk) -> tuple[int, int, int]:
    with desk.database.transaction() as session:
        told = queues.numbers(session, Cases.WAITING).by_list
        assert counts.rebuild(session)
        return told[Cases.WAITING], told[Cases.UNASSIGNED], told[Cases.SNOOZED]


def test_a_snoozed_case_is_in_its_own_list_alone_and_its_customer_waits(desk: Desk, snoozed: int) -> None:
    assert listed(desk) == {"waiting": [], "unassigned": [], "snoozed": [snoozed]}
    assert numbers(desk) == (0, 0, 1)
    with desk.database.reading() as session:
        case = cases.find(session, snoozed)
        assert (case.status, case.waiting_since) == (Status.WAITING, case.opened_at)
        assert counts.by_status_and_language(session) == {("waiting", "es"): 1}


def test_it_wakes_by_itself_once_however_often_it_is_looked_for(desk: Desk, snoozed: int) -> None:
    assert not waker.wake(desk)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert waker.wake(desk)
        assert not waker.wake(desk)
        with desk.database.transaction() as session:
            assert snoozing.wake_due(session) == 0
    assert listed(desk)["waiting"] == [snoozed]
    assert numbers(desk) == (1, 1, 0)
    with desk.database.reading() as session:
        assert [each.kind for each in cases.events(session, snoozed)].count("woken") == 1


def test_two_wakers_at_once_wake_it_once(desk: Desk, snoozed: int) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        with desk.database.transaction() as session:
            due = snoozing.any_due(session)
        woken = [waker.wake(desk) for _ in range(3)]
    assert due
    assert woken == [True, False, False]


def test_it_wakes_at_once_when_the_customer_writes(desk: Desk, snoozed: int) -> None:
    with desk.database.reading() as session:
        conversation = cases.find(session, snoozed).conversation_id
    arrive(desk, post(MARIA, "¿Hola?", minutes=5, conversation=conversation))
    assert listed(desk) == {"waiting": [snoozed], "unassigned": [snoozed], "snoozed": []}
    assert numbers(desk) == (1, 1, 0)


def test_resolving_ends_it(desk: Desk, cast: Cast, snoozed: int) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, snoozed).resolve(by=cast.ana)
    assert listed(desk)["snoozed"] == []
    assert numbers(desk) == (0, 0, 0)


def test_it_is_undone_by_waking(desk: Desk, cast: Cast, snoozed: int) -> None:
    with desk.database.transaction() as session:
        snoozing.wake(cases.hold(session, snoozed), by=cast.ben)
    assert numbers(desk) == (1, 1, 0)
    with desk.database.transaction() as session, pytest.raises(AlreadyDone):
        snoozing.wake(cases.hold(session, snoozed), by=cast.ben)


def test_what_is_resolved_is_not_snoozed(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        case = cases.hold(session, 1)
        case.resolve(by=cast.ana)
        with pytest.raises(BadInput):
            snoozing.snooze(case, clock.now() + timedelta(hours=1), by=cast.ana)


@pytest.mark.parametrize(
    ("until", "own", "expected"),
    [
        (Until.HOUR, "", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        (Until.EVENING, "", datetime(2026, 11, 20, 17, 0, tzinfo=UTC)),
        (Until.TOMORROW, "", datetime(2026, 11, 21, 8, 0, tzinfo=UTC)),
        (Until.MONDAY, "", datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        (Until.OWN, "2026-12-24T10:30", datetime(2026, 12, 24, 9, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_those_of_the_agents_zone(until: Until, own: str, expected: datetime) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        assert snoozing.moment(until, ROME, own) == expected


@pytest.mark.parametrize("own", ["", "soon", "2026-11-20T12:00", "2028-01-01T09:00", "0001-01-01T00:00"])
def test_moments_that_make_no_sense_are_refused(own: str) -> None:
    with time_machine.travel(FRIDAY, tick=False), pytest.raises(BadInput):
        snoozing.moment(Until.OWN, ROME, own)


def test_an_evening_that_has_begun_is_none_to_wait_for() -> None:
    with time_machine.travel(FRIDAY + timedelta(hours=8), tick=False), pytest.raises(BadInput):
        snoozing.moment(Until.EVENING, ROME)


@pytest.fixture
def answered(desk: Desk, cast: Cast) -> int:
    """Maria has been answered."""
    asked = post(MARIA, minutes=-60)
    arrive(desk, asked)
    answer = post(US, "Lo miramos.", minutes=-50, answers=asked.x_id, conversation=asked.x_id, to=MARIA)
    arrive(desk, answer)
    with desk.database.reading() as session:
        assert cases.find(session, 1).status == Status.ANSWERED
    return 1


@pytest.fixture
def reminded(desk: Desk, cast: Cast, answered: int) -> int:
    """Ana wants to be reminded in two hours; Ben is on the case."""
    with desk.database.transaction() as session:
        case = cases.hold(session, answered)
        case.assign(cast.ben, by=cast.ben)
        snoozing.snooze(case, clock.now() + timedelta(hours=2), by=cast.ana)
    return answered


def called(desk: Desk, agent: Agent) -> list[int | None]:
    with desk.database.reading() as session:
        found = queues.page(session, Cases.MENTIONS, agent=agent.id).rows
        told = queues.numbers(session, Cases.MENTIONS, agent=agent.id or 0).by_list[Cases.MENTIONS]
    assert told == len(found)
    return [case.id for case, _ in found]


def of_both_lists(desk: Desk) -> tuple[int, int, int, dict[str, int]]:
    with desk.database.transaction() as session:
        assert counts.rebuild(session)
        told = queues.numbers(session, Cases.SNOOZED)
        by_list = told.by_list
        listed = [len(queues.page(session, each).rows) for each in (Cases.ANSWERED, Cases.SNOOZED)]
        assert [by_list[Cases.ANSWERED], by_list[Cases.SNOOZED]] == listed
        return by_list[Cases.WAITING], by_list[Cases.ANSWERED], by_list[Cases.SNOOZED], told.by_language


def figures(desk: Desk) -> object:
    """All that statistics tell, and when the case is due."""
    with desk.database.transaction() as session:
        assert recount.rebuild(session)
        case = cases.find(session, 1)
        kept = (case.status, case.waiting_since, case.unanswered_since, case.due_at, case.paused)
        return kept, counts.by_status_and_language(session), reports.by_language(session)


def test_an_answered_case_is_put_aside_and_stays_answered(desk: Desk, cast: Cast, answered: int) -> None:
    before = figures(desk)
    with desk.database.transaction() as session:
        snoozing.snooze(cases.hold(session, answered), clock.now() + timedelta(hours=2), by=cast.ana)
    assert of_both_lists(desk) == (0, 1, 1, {"es": 1})
    assert figures(desk) == before


def test_it_calls_whoever_wanted_it_and_whoever_is_on_it_unless_the_customer_has_written(
    desk: Desk, cast: Cast, reminded: int
) -> None:
    before = figures(desk)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert waker.wake(desk)
        assert not waker.wake(desk)
    assert [called(desk, each) for each in (cast.ana, cast.ben, cast.sofia)] == [[1], [1], []]
    assert of_both_lists(desk) == (0, 1, 0, {})
    assert figures(desk) == before
    with desk.database.reading() as session:
        told = [each.details for each in cases.events(session, reminded) if each.kind == "woken"]
    assert told == [{"unanswered": True}]


def test_nobody_is_called_once_the_customer_has_written_or_it_is_resolved(
    desk: Desk, cast: Cast, reminded: int
) -> None:
    with desk.database.reading() as session:
        conversation = cases.find(session, reminded).conversation_id
    arrive(desk, post(MARIA, "¿Y bien?", conversation=conversation))
    assert of_both_lists(desk) == (1, 0, 0, {})
    with desk.database.transaction() as session:
        case = cases.hold(session, reminded)
        case.resolve(by=cast.ana)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert not waker.wake(desk)
    assert called(desk, cast.ana) == []


def test_resolving_an_answered_case_ends_its_reminder(desk: Desk, cast: Cast, reminded: int) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, reminded).resolve(by=cast.ana)
    assert of_both_lists(desk) == (0, 0, 0, {})


def test_what_we_write_besides_leaves_the_reminder(desk: Desk, cast: Cast, reminded: int) -> None:
    with desk.database.reading() as session:
        conversation = cases.find(session, reminded).conversation_id
    arrive(desk, post(US, "Y otra cosa.", minutes=-40, conversation=conversation, to=MARIA))
    assert of_both_lists(desk) == (0, 1, 1, {"es": 1})


def test_an_answer_to_a_snoozed_case_ends_that_as_before(desk: Desk, snoozed: int) -> None:
    with desk.database.reading() as session:
        conversation = cases.find(session, snoozed).conversation_id
    arrive(desk, post(US, "Lo miramos.", minutes=5, conversation=conversation, to=MARIA))
    assert of_both_lists(desk) == (0, 1, 0, {})


def test_who_has_left_is_not_called(desk: Desk, cast: Cast, reminded: int) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).disabled_at = clock.now()
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert waker.wake(desk)
    assert [called(desk, each) for each in (cast.ana, cast.ben)] == [[], [1]]


def test_a_reminder_is_taken_back_by_waking(desk: Desk, cast: Cast, reminded: int) -> None:
    with desk.database.transaction() as session:
        snoozing.wake(cases.hold(session, reminded), by=cast.ana)
    assert of_both_lists(desk) == (0, 1, 0, {})
    assert called(desk, cast.ana) == []
    with desk.database.transaction() as session:
        woken = [each for each in cases.events(session, reminded) if each.kind == "woken"]
        undoing.undo(session, reminded, woken[0].id or 0, by=cast.ana)
    assert of_both_lists(desk) == (0, 1, 1, {"es": 1})


@pytest.mark.parametrize("kept", [True, False])
def test_a_reminder_that_was_moved_together_calls_whom_it_did_once_that_is_undone(
    desk: Desk, cast: Cast, reminded: int, kept: bool
) -> None:
    wanted = Wanted(Act.SNOOZE, until=clock.now() + timedelta(days=2))
    with desk.database.transaction() as session:
        case = cases.hold(session, reminded)
        case.assign(None, by=cast.ana)
        before, stamp = case.model_dump(), together.stamp(case)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        with desk.database.transaction() as session:
            done = together.carry_out(session, {reminded: stamp}, wanted, by=cast.ben)
            change = session.get_one(BulkChange, done.change_id)
            if not kept:  # as changes of old are
                told = change.cases[reminded]
                told["before"] = {name: told["before"][name] for name in told["after"]}
                change.told = json.dumps({reminded: told})
        with desk.database.transaction() as session:
            assert putting_back.undo(session, done.change_id or 0, by=cast.ben).changed == 1
            after = session.get_one(Case, reminded)
            assert after.snoozed_until == before["snoozed_until"]
            assert not kept or together.stamp(after) == stamp
            assert not kept or after.model_dump() == before
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert waker.wake(desk)
    assert [called(desk, each) for each in (cast.ana, cast.ben)] == ([[1], []] if kept else [[], [1]])


def test_answered_cases_are_put_aside_together_and_come_back_together(
    desk: Desk, cast: Cast, answered: int
) -> None:
    wanted = Wanted(Act.SNOOZE, until=clock.now() + timedelta(hours=1))
    with desk.database.transaction() as session:
        (foreseen,) = together.foresee(session, [answered], wanted, by=cast.ana)
        done = together.carry_out(session, {answered: foreseen.stamp}, wanted, by=cast.ana)
    assert (foreseen.why_not, done.changed) == (None, 1)
    assert of_both_lists(desk)[:3] == (0, 1, 1)
    with desk.database.transaction() as session:
        assert putting_back.undo(session, done.change_id or 0, by=cast.ana).changed == 1
    assert of_both_lists(desk)[:3] == (0, 1, 0)
    with desk.database.transaction() as session:
        assert counts.rebuild(session)
        cases.hold(session, answered).resolve(by=cast.ana)
        (foreseen,) = together.foresee(session, [answered], wanted, by=cast.ana)
    assert foreseen.why_not == "It is resolved already."
