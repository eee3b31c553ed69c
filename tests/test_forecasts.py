"""Whose turn it is, how many X takes, and when each approved reply will leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Visibility
from socialdesk.replies import Reply, State
from socialdesk.replying import allowances, forecasts, outbox
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.workers.line import Line
from socialdesk.workers.sender import send_next
from tests.conftest import Cast
from tests.outgoing import LONG, POST, WORDS, WRITE_DM, approve, ask, ours, reply_of, send_all

PEOPLE = ("maria", "pavel", "kenji", "aisha")


def leaves_at(desk: Desk, line: Line) -> dict[int, datetime]:
    with desk.database.reading() as session:
        return forecasts.leaves_at(session, line.account_id, desk.settings.sending)


def waits_since(desk: Desk, handle: str, at: datetime) -> None:
    with desk.database.transaction() as session:
        query = select(Case).join(Customer, col(Customer.id) == Case.customer_id)
        session.exec(query.where(Customer.handle == handle)).one().waiting_since = at


def order_of_leaving(desk: Desk, line: Line) -> list[int]:
    """Row ids of replies in the order in which they are claimed."""
    left = []
    with desk.database.transaction() as session:
        while outgoing := outbox.claim(session, line.account_id):
            left.append(outgoing.reply_id)
    return left


def test_who_has_waited_longest_is_answered_first(world: World, x_desk: Desk, line: Line, cast: Cast) -> None:
    ask(world, line, *PEOPLE[:3])
    ids = {handle: approve(x_desk, handle, cast.ana) for handle in PEOPLE[:3]}
    now = clock.now()
    for handle, hours in (("maria", 1), ("pavel", 3), ("kenji", 2)):
        waits_since(x_desk, handle, now - timedelta(hours=hours))

    forecast = leaves_at(x_desk, line)
    expected = [ids["pavel"], ids["kenji"], ids["maria"]]
    assert sorted(forecast, key=lambda each: forecast[each]) == expected
    assert order_of_leaving(x_desk, line) == expected


def test_what_people_wrote_leaves_before_what_is_automated(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    automated = approve(x_desk, "maria", cast.ana)
    written = approve(x_desk, "pavel", cast.ana)
    with x_desk.database.transaction() as session:
        session.get_one(Reply, automated).automated = True
    assert order_of_leaving(x_desk, line) == [written, automated]


def test_a_thread_that_has_begun_is_finished_first(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    thread = approve(x_desk, "pavel", cast.ana, LONG)
    send_next(line)
    other = approve(x_desk, "maria", cast.ana)
    waits_since(x_desk, "maria", clock.now() - timedelta(days=1))
    assert order_of_leaving(x_desk, line) == [thread, other]


def test_direct_messages_leave_as_x_grants_them_and_never_meet_a_429(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, *PEOPLE, private=True)
    world.limits.change(WRITE_DM, Limit(2))
    ids = [approve(x_desk, handle, cast.ana, f"{WORDS} {handle}") for handle in PEOPLE]
    assert send_all(line) == 2
    assert not send_next(line)

    resets_at = allowances_of(x_desk, line)[Visibility.PRIVATE].resets_at
    assert leaves_at(x_desk, line) == {
        ids[2]: resets_at,
        ids[3]: resets_at + timedelta(seconds=x_desk.settings.sending.every_seconds),
    }
    world.now = clock.now
    with time_machine.travel(resets_at + timedelta(seconds=1)):
        assert send_all(line) == 2
    assert {request.status for request in world.requests if request.method == "POST"} == {201}
    assert len(ours(world)) == 4


def allowances_of(desk: Desk, line: Line) -> dict[str, allowances.SendBudget]:
    with desk.database.reading() as session:
        return dict(allowances.of(session, line.account_id))


def test_the_forecast_counts_windows_and_parts(world: World, x_desk: Desk, line: Line, cast: Cast) -> None:
    ask(world, line, *PEOPLE)
    thread = approve(x_desk, "maria", cast.ana, LONG)
    others = [approve(x_desk, handle, cast.ana) for handle in PEOPLE[1:]]
    now = clock.now()
    for hours, handle in zip((4, 3, 2, 1), PEOPLE, strict=True):
        waits_since(x_desk, handle, now - timedelta(hours=hours))
    resets_at = now + timedelta(minutes=7)
    with x_desk.database.transaction() as session:
        allowances.keep(session, line.account_id, "public", limit=2, remaining=4, resets_at=resets_at)

    forecast = leaves_at(x_desk, line)
    assert all(forecast[each] < now + timedelta(minutes=1) for each in (thread, others[0]))
    second = timedelta(seconds=x_desk.settings.sending.every_seconds)
    assert [forecast[each] for each in others[1:]] == [resets_at, resets_at + second]


def test_the_forecast_knows_pauses_undo_and_what_is_in_doubt(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "pavel")
    ask(world, line, "kenji", private=True)
    pausing = clock.now() + timedelta(minutes=5)
    doubtful = approve(x_desk, "kenji", cast.ana)
    world.faults.add(Fault(WRITE_DM, Kind.ACCEPT_THEN_DROP))
    send_next(line)
    behind = approve(x_desk, "kenji", cast.ana, "Y otra cosa.")
    public = approve(x_desk, "maria", cast.ana)
    with x_desk.database.transaction() as session:
        account = session.get_one(Account, line.account_id)
        account.pause([Visibility.PUBLIC], until=pausing, why="X asks us to wait.")
    undone = approve(x_desk, "pavel", cast.ana, undo=timedelta(minutes=9))

    forecast = leaves_at(x_desk, line)
    attempt_at = reply_of(x_desk, doubtful).attempt_at
    assert reply_of(x_desk, doubtful).state == State.UNKNOWN
    assert forecast[behind] == attempt_at + x_desk.settings.sending.settle  # type: ignore[operator]
    assert forecast[public] == pausing
    assert forecast[undone] == reply_of(x_desk, undone).due_at


def test_a_window_that_no_clock_can_mean_keeps_nothing_back(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria")
    approve(x_desk, "maria", cast.ana)
    tomorrow = clock.now() + timedelta(days=1)
    with x_desk.database.transaction() as session:
        allowances.keep(session, line.account_id, "public", limit=100, remaining=0, resets_at=tomorrow)
    assert min(leaves_at(x_desk, line).values()) < clock.now() + timedelta(minutes=1)
    assert send_next(line)


@pytest.mark.parametrize("remaining", [0, 3])
def test_what_x_grants_is_known_to_other_processes(
    world: World, x_desk: Desk, line: Line, cast: Cast, remaining: int
) -> None:
    ask(world, line, "maria", "pavel")
    world.limits.change(POST, Limit(1 + remaining))
    approve(x_desk, "maria", cast.ana)
    send_next(line)
    approve(x_desk, "pavel", cast.ana)
    granted = allowances_of(x_desk, line)[Visibility.PUBLIC]
    assert (granted.limit, granted.remaining, granted.stands) == (1 + remaining, remaining, True)
    assert send_next(line.another()) is bool(remaining)
