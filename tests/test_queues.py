"""What agents work from: longest waiting first, page by page."""

from __future__ import annotations

import pytest

from socialdesk import cases, clock
from socialdesk.cases import Status
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.worklists import queues
from socialdesk.worklists.queues import Cases, Place
from tests.conftest import Cast
from tests.stories import KENJI, all_cases, arrive, direct_message, post


def ask(desk: Desk, how_many: int) -> None:
    """As many customers, each a minute after the one before; two share their minute."""
    arrive(desk, *(post(str(5000 + n), minutes=max(n - 1, 0)) for n in range(how_many)))


def test_who_waits_longest_comes_first(desk: Desk) -> None:
    arrive(desk, post("5001", minutes=5), post("5002", minutes=1), post("5003", minutes=3))

    with desk.database.reading() as session:
        shown = [customer.x_id for _, customer in queues.page(session, Status.WAITING).rows]
    assert shown == ["5002", "5003", "5001"]


def test_pages_show_every_case_once(desk: Desk) -> None:
    ask(desk, 23)

    shown: list[int | None] = []
    place = None
    with desk.database.reading() as session:
        while True:
            page = queues.page(session, Status.WAITING, after=place, size=5)
            shown += [case.id for case, _ in page.rows]
            place = page.next
            if place is None:
                break
        everything = [case.id for case in all_cases(session)]
    assert sorted(shown, key=str) == sorted(everything, key=str)
    assert len(shown) == len(set(shown)) == 23


def test_the_others_are_listed_by_when_something_was_last_written(desk: Desk, cast: Cast) -> None:
    ask(desk, 8)
    with desk.database.transaction() as session:
        for case in all_cases(session):
            case.resolve(by=cast.ana)

    with desk.database.reading() as session:
        first = queues.page(session, Status.RESOLVED, size=5)
        rest = queues.page(session, Status.RESOLVED, size=5, after=first.next)
    moments = [case.last_message_at for case, _ in (*first.rows, *rest.rows)]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 8


def test_a_language_has_its_own_queue_and_number(desk: Desk) -> None:
    ask(desk, 3)
    arrive(desk, direct_message(KENJI))

    with desk.database.reading() as session:
        rows = queues.page(session, Status.WAITING, language="ja").rows
        numbers = queues.numbers(session, Status.WAITING)
    assert [customer.x_id for _, customer in rows] == [KENJI]
    assert numbers.by_language == {"es": 3, "ja": 1}
    assert numbers.by_status == {Status.WAITING: 4, Status.ANSWERED: 0, Status.RESOLVED: 0}


def test_a_case_can_be_taken_resolved_and_opened_again(desk: Desk, cast: Cast) -> None:
    ask(desk, 1)
    with desk.database.transaction() as session:
        case = cases.hold(session, all_cases(session)[0].id or 0)
        case.assign(cast.ana, by=cast.ben)
        case.resolve(by=cast.ana)
        case.reopen(by=cast.sofia)
        case.assign(None, by=cast.sofia)

    with desk.database.reading() as session:
        told = [(event.kind, event.agent_id) for event in cases.events(session, case.id or 0)]
    assert told == [
        ("opened", None),
        ("assigned", cast.ben.id),
        ("resolved", cast.ana.id),
        ("reopened", cast.sofia.id),
        ("assigned", cast.sofia.id),
    ]


def test_the_case_after_one_that_is_not_due_is_the_first_that_is(desk: Desk) -> None:
    """It may be open from the list of what is due, though nothing is due for it any more."""
    ask(desk, 3)
    with desk.database.transaction() as session:
        timeless, _, due = all_cases(session)
        due.due_at = clock.now()
        session.add(due)
    with desk.database.reading() as session:
        after = queues.next_free(session, timeless, Cases.DUE)
    assert after is not None
    assert after.id == due.id


def test_no_page_of_what_is_due_begins_behind_what_is_not(desk: Desk) -> None:
    ask(desk, 1)
    with desk.database.reading() as session:
        for exposed in (True, False):
            place = Place(clock.now(), 1, exposed)
            assert queues.page(session, Cases.WAITING, after=place)
            with pytest.raises(BadInput, match="begin at its top"):
                queues.page(session, Cases.DUE, after=place)
