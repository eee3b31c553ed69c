"""Lists with kept counts, saved views, several cases changed together, and a customer's whole history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from socialdesk import cases, clock, counts, failures, replies
from socialdesk.cases import Status
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.worklists import dossiers, putting_back, queues, together, views
from socialdesk.worklists.queues import Cases
from socialdesk.worklists.together import Act, Wanted
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, all_cases, arrive, direct_message, post


@pytest.fixture
def three(desk: Desk) -> None:
    arrive(desk, post("5001"), post("5002", minutes=1), post("5003", minutes=2))


def test_every_agent_has_lists_of_his_own(desk: Desk, cast: Cast, three: None) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 2).assign(cast.ana, by=cast.ana)
    with desk.database.transaction() as session:
        told = queues.numbers(session, Cases.MINE, agent=cast.ana.id).by_list
        assert (told[Cases.WAITING], told[Cases.UNASSIGNED], told[Cases.MINE]) == (3, 2, 1)
        assert queues.numbers(session, Cases.MINE, agent=cast.ben.id).by_list[Cases.MINE] == 0
        mine = queues.page(session, Cases.MINE, agent=cast.ana.id).rows
        free = queues.page(session, Cases.UNASSIGNED, agent=cast.ana.id).rows
        assert ([case.id for case, _ in mine], [case.id for case, _ in free]) == ([2], [1, 3])
        assert counts.rebuild(session)


def test_numbers_are_those_of_the_accounts_one_may_see(desk: Desk, cast: Cast, three: None) -> None:
    with desk.database.reading() as session:
        assert queues.numbers(session, Cases.WAITING, accounts={1}).by_list[Cases.WAITING] == 3
        assert queues.numbers(session, Cases.WAITING, accounts={2}).by_list[Cases.WAITING] == 0
        assert queues.page(session, Cases.WAITING, accounts={2}).rows == []
        assert queues.page(session, Cases.WAITING, account=1, accounts={2}).rows == []


def test_a_case_with_a_reply_that_failed_is_listed_until_that_is_dealt_with(
    desk: Desk, cast: Cast, three: None
) -> None:
    def failed() -> tuple[list[int | None], int]:
        with desk.database.transaction() as session:
            rows = queues.page(session, Cases.FAILED).rows
            assert counts.rebuild(session)
            number = queues.numbers(session, Cases.FAILED).by_list[Cases.FAILED]
            return [case.id for case, _ in rows], number

    with desk.database.transaction() as session:
        case = cases.hold(session, 2)
        reply = drafts.write(session, case, text="Lo sentimos.", by=cast.ana)
        replies.move(session, reply, State.HELD, since=(State.DRAFT,), trouble="X said no")
        case.reply_moved(reply.id or 0, State.HELD)
    assert failed() == ([2], 1)
    with desk.database.transaction() as session:
        replies.cancel(session, session.exec(select(Reply)).one(), by=cast.ana)
    assert failed() == ([], 0)


def test_what_has_not_failed_asks_nothing(desk: Desk) -> None:
    with desk.database.reading() as session:
        assert failures.since(session, 1, None, State.SENT) is None
        assert failures.since(session, 1, clock.now()) is None


def test_views_are_ones_own_unless_a_supervisor_shares_them(desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        own = views.save(session, "  Polish\u202e parcels ", "waiting.pl", by=cast.ana)
        shared = views.save(session, "Lost", "waiting", by=cast.sofia, shared=True)
        with pytest.raises(NotAllowed):
            views.save(session, "Mine for all", "waiting", by=cast.ana, shared=True)
        with pytest.raises(BadInput):
            views.save(session, " ", "waiting", by=cast.ana)
        assert [each.name for each in views.of(session, cast.ana)] == ["Lost", "Polish parcels"]
        assert [each.name for each in views.of(session, cast.ben)] == ["Lost"]
        with pytest.raises(NotFound):
            views.find(session, own.id or 0, cast.ben)
        with pytest.raises(NotAllowed):
            views.remove(session, shared.id or 0, by=cast.ben)
        views.remove(session, own.id or 0, by=cast.ana)
        assert [each.name for each in views.of(session, cast.ana)] == ["Lost"]


def stamps(desk: Desk, *case_ids: int) -> dict[int, str]:
    with desk.database.reading() as session:
        return {case_id: together.stamp(cases.find(session, case_id)) for case_id in case_ids}


def test_what_will_happen_is_said_before_it_does(desk: Desk, cast: Cast, three: None) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ben)
        drafts.write(session, cases.hold(session, 2), text="Lo sentimos.", by=cast.ana)
        replies.approve(session, replies.of_case(session, 2)[0], by=cast.ana)
    with desk.database.reading() as session:
        foreseen = together.foresee(session, [1, 2, 3, 99], Wanted(Act.RESOLVE), by=cast.ana)
    assert [(each.case.id, each.why_not) for each in foreseen] == [
        (1, "It is resolved already."),
        (2, "A reply is on its way."),
        (3, None),
    ]


def test_what_changed_meanwhile_is_left_out_and_named(desk: Desk, cast: Cast, three: None) -> None:
    seen = stamps(desk, 1, 2, 3)
    with desk.database.transaction() as session:
        cases.hold(session, 2).assign(cast.ben, by=cast.ben)
    with desk.database.transaction() as session:
        done = together.carry_out(session, seen, Wanted(Act.RESOLVE), by=cast.ana)
    assert (done.changed, done.left_out) == (2, {2: "It has changed meanwhile."})
    with desk.database.reading() as session:
        assert [case.status for case in all_cases(session)] == ["resolved", "waiting", "resolved"]


@pytest.mark.parametrize("act", [Act.ASSIGN, Act.RESOLVE, Act.SNOOZE])
def test_it_is_taken_back_but_for_what_has_changed_since(
    desk: Desk, cast: Cast, three: None, act: Act
) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 1).assign(cast.ben, by=cast.ben)
    with desk.database.transaction() as session:
        wanted = Wanted(act, until=clock.now() + timedelta(hours=1))
        done = together.carry_out(session, stamps(desk, 1, 2, 3), wanted, by=cast.ana)
    assert done.changed == 3
    with desk.database.transaction() as session:
        case = cases.hold(session, 3)
        case.assign(cast.sofia, by=cast.sofia)
    with desk.database.transaction() as session:
        undone = putting_back.undo(session, done.change_id or 0, by=cast.ana)
    assert (undone.changed, undone.left_out) == (2, {3: "It has changed since."})
    with desk.database.transaction() as session:
        first, second, _ = all_cases(session)
        assert (first.assignee_id, second.assignee_id) == (cast.ben.id, None)
        assert (first.status, first.snoozed_until) == (Status.WAITING, None)
        assert counts.rebuild(session)
        with pytest.raises(AlreadyDone):
            putting_back.undo(session, done.change_id or 0, by=cast.ana)


def test_nobody_takes_back_what_another_did(desk: Desk, cast: Cast, three: None) -> None:
    with desk.database.transaction() as session:
        done = together.carry_out(session, stamps(desk, 1), Wanted(Act.ASSIGN), by=cast.ana)
        with pytest.raises(NotAllowed):
            putting_back.undo(session, done.change_id or 0, by=cast.ben)


def test_cases_of_other_accounts_do_not_exist(desk: Desk, cast: Cast, three: None) -> None:
    with desk.database.transaction() as session:
        assert together.foresee(session, [1], Wanted(Act.ASSIGN), by=cast.ana, accounts={2}) == []
        with pytest.raises(NotFound):
            together.carry_out(session, stamps(desk, 1), Wanted(Act.ASSIGN), by=cast.ana, accounts={2})


@pytest.mark.parametrize(
    "wanted", [Wanted(Act.LANGUAGE, "xx"), Wanted(Act.TOPIC, "nothing"), Wanted(Act.SNOOZE)]
)
def test_what_makes_no_sense_is_refused(desk: Desk, cast: Cast, three: None, wanted: Wanted) -> None:
    with desk.database.reading() as session, pytest.raises(BadInput):
        together.foresee(session, [1], wanted, by=cast.ana)


def test_languages_and_topics_are_set_together(desk: Desk, cast: Cast, three: None) -> None:
    for wanted in (Wanted(Act.LANGUAGE, "pt"), Wanted(Act.TOPIC, "payment")):
        with desk.database.transaction() as session:
            assert together.carry_out(session, stamps(desk, 1, 2), wanted, by=cast.ana).changed == 2
    with desk.database.reading() as session:
        assert [case.language for case in all_cases(session)] == ["pt", "pt", "es"]


def test_a_customers_history_goes_on_page_by_page(desk: Desk) -> None:
    arrive(desk, *(post(MARIA, minutes=minute) for minute in range(5)), direct_message(KENJI))
    with desk.database.reading() as session:
        customer_id = cases.find(session, 1).customer_id
        first = dossiers.of_customer(session, customer_id, size=3)
        rest = dossiers.of_customer(session, customer_id, size=3, after=first.next)
        assert rest.next is None
        seen = [case.id or 0 for case, _, _ in (*first.rows, *rest.rows)]
        assert seen == sorted(seen, reverse=True)
        assert (len(seen), first.cases) == (5, 5)
        assert first.first_at is not None and first.last_at is not None
        assert first.first_at < first.last_at
        with pytest.raises(NotFound):
            dossiers.of_customer(session, customer_id, accounts={2})
