"""Cases put aside until a moment: out of the lists, with their customers still waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from socialdesk import cases, clock, counts
from socialdesk.cases import Status
from socialdesk.casework import snoozing
from socialdesk.casework.snoozing import Until
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.workers import waker
from socialdesk.worklists import queues
from socialdesk.worklists.queues import Cases
from tests.conftest import Cast
from tests.stories import MARIA, arrive, post

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


def test_only_what_waits_for_us_is_snoozed(desk: Desk, cast: Cast) -> None:
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
