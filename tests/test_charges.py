"""What X charged for what was read: each thing once a day of UTC, at the prices of that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from socialdesk.accounts import Account
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.figures import charges, money
from socialdesk.figures.asking import Asked
from socialdesk.figures.charges import ThingRead
from socialdesk.figures.money import Kind
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from socialdesk.workers import metering
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.x import billing, connect
from tests.conftest import HANDLE
from tests.stories import MARIA, NOON, arrive, post

TODAY = NOON.date()
A_MONTH = Asked(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def read(session: Session, things: Mapping[str, str], *, owned: bool = True) -> None:
    charges.record(session, session.exec(select(Account)).one().id or 0, things, owned=owned)


def reads(session: Session) -> dict[tuple[date, Kind], tuple[int, str, bool]]:
    """How many, for how much, and whether that is only reckoned."""
    return {
        (each.day, each.kind): (each.number, f"{each.dollars:.3f}", each.reckoned)
        for each in money.charged(session, A_MONTH, owned=True)
    }


def test_a_thing_is_charged_once_a_day_and_again_on_the_next(desk: Desk) -> None:
    page = {"post 1": "mention_reads", "post 2": "mention_reads", "person 1": "user_reads"}
    with desk.database.transaction() as session:
        session.exec(select(Account)).one().enrolled_at = NOON
        for minutes in (0, 5, 60 * 12):
            with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
                read(session, page | {f"post {minutes + 3}": "mention_reads"})
        assert reads(session) == {
            (TODAY, Kind.MENTION_READS): (4, "0.004", False),
            (TODAY, Kind.USER_READS): (1, "0.010", False),
            (TODAY + timedelta(days=1), Kind.MENTION_READS): (3, "0.003", False),
            (TODAY + timedelta(days=1), Kind.USER_READS): (1, "0.010", False),
        }


def test_what_was_charged_stays_at_the_price_of_its_day(desk: Desk) -> None:
    with desk.database.transaction() as session, time_machine.travel(NOON, tick=False):
        session.exec(select(Account)).one().enrolled_at = NOON
        read(session, {"post 1": "mention_reads"}, owned=False)
        read(session, {"post 2": "mention_reads"}, owned=True)
        assert reads(session) == {(TODAY, Kind.MENTION_READS): (2, "0.006", False)}


def test_a_post_looked_up_after_it_was_read_costs_nothing_more(desk: Desk) -> None:
    with desk.database.transaction() as session, time_machine.travel(NOON, tick=False):
        session.exec(select(Account)).one().enrolled_at = NOON
        read(session, {"post 1": "mention_reads"})
        read(session, {"post 1": "post_reads", "post 2": "post_reads"})
        assert reads(session) == {
            (TODAY, Kind.MENTION_READS): (1, "0.001", False),
            (TODAY, Kind.POST_READS): (1, "0.005", False),
        }


def test_the_days_before_the_first_whole_one_are_reckoned_and_said_to_be(desk: Desk) -> None:
    """On the day of an upgrade a part of what was read has not been written down."""
    with desk.database.transaction() as session:
        session.exec(select(Account)).one().enrolled_at = NOON - timedelta(days=9)
    with time_machine.travel(NOON, tick=False):
        arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        for days in (0, 1):
            with time_machine.travel(NOON + timedelta(days=days), tick=False):
                read(session, {"post 7": "mention_reads", "post 8": "mention_reads"})
        assert session.exec(select(Customer)).one()
        assert reads(session) == {
            (TODAY, Kind.MENTION_READS): (1, "0.001", True),
            (TODAY, Kind.USER_READS): (1, "0.010", True),
            (TODAY + timedelta(days=1), Kind.MENTION_READS): (2, "0.002", False),
        }


def test_what_was_read_is_forgotten_after_the_day(desk: Desk) -> None:
    with desk.database.transaction() as session:
        for days in (0, 1, 2):
            with time_machine.travel(NOON + timedelta(days=days), tick=False):
                read(session, {"post 1": "mention_reads"})
        assert {each.day for each in session.exec(select(ThingRead))} == {
            TODAY + timedelta(days=1),
            TODAY + timedelta(days=2),
        }


POSTS = {"data": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize(
    ("path", "body", "charged"),
    [
        ("/2/users/5/mentions", POSTS, {"post 1": "mention_reads", "post 2": "mention_reads"}),
        ("/2/users/5/tweets", {"data": [{"id": "1"}]}, {"post 1": "own_reads"}),
        ("/2/tweets", {"data": [{"id": "1"}], "errors": [{"resource_id": "2"}]}, {"post 1": "post_reads"}),
        ("/2/tweets/search/recent", {"data": [{"id": "1"}]}, {"post 1": "post_reads"}),
        ("/2/users", {"data": [{"id": "1"}]}, {"person 1": "user_reads"}),
        ("/2/users/me", {"data": {"id": "1"}}, {"person 1": "user_reads"}),
        ("/2/dm_events", {"data": [{"id": "1"}]}, {"message 1": "message_reads"}),
        ("/2/dm_conversations/with/7/dm_events", {"data": [{"id": "1"}]}, {"message 1": "message_reads"}),
        (
            "/2/users/5/mentions",
            {
                "data": [{"id": "1"}],
                "includes": {"users": [{"id": "9"}], "posts": [{"id": "1"}, {"id": "8"}]},
            },
            {"post 1": "mention_reads", "person 9": "user_reads", "post 8": "post_reads"},
        ),
        ("/2/users/5/mentions", {"meta": {"result_count": 0}}, {}),
        ("/2/users/5/mentions", {"data": [{}, None, {"id": 3}]}, {}),
        ("/2/users/5/mentions", None, {}),
    ],
)
def test_everything_that_x_shows_is_charged_for(path: str, body: object, charged: dict[str, str]) -> None:
    assert billing.read(path, body) == charged


@pytest.mark.parametrize("channel", list(Channel))
def test_the_desk_writes_down_what_the_sandbox_charges(
    world: World, x_desk: Desk, line: Line, channel: Channel
) -> None:
    """However often it looks: the sandbox keeps a book like X's."""
    world.add_user("maria", "María")
    for number in range(120):
        world.post("maria", f"@{HANDLE} mensaje número {number}")
    for _ in range(3):
        poll(line, channel)
    with x_desk.database.reading() as session:
        read = money.charged(session, Asked(), owned=x_desk.settings.money.owned_reads)
    book = world.ledger.in_dollars()[HANDLE]
    recorded = [each for each in read if not each.reckoned]
    assert float(sum(each.dollars for each in recorded)) == pytest.approx(book["usd"])
    assert sum(each.number for each in recorded) == sum(
        each["count"] for day in book["days"].values() for each in day["items"].values()
    )


def test_what_cannot_be_written_down_does_not_stop_the_reading(
    world: World, x_desk: Desk, line: Line, keys: None
) -> None:
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} hola")
    of_nobody = metering.meter(x_desk, 10**6)
    deaf = replace(line, x=connect(x_desk.settings.x, "NORTHWIND", of_nobody))
    assert poll(deaf, Channel.MENTIONS) == 1
