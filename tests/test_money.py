"""What X charges is what a slow count of everything stored comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlmodel import Session, select

from socialdesk import parts, replies
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.figures import money, reports
from socialdesk.figures.asking import Asked
from socialdesk.figures.money import Charge, Kind
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply
from socialdesk.replying import outbox
from socialdesk.settings import Sending
from tests.conftest import Cast
from tests.outgoing import send_again
from tests.stories import KENJI, MARIA, NOON, PAVEL, US, all_cases, arrive, direct_message, post
from tests.test_rollups import LONG, kept_is_right, reply_to, send

DAY = NOON.date()
DAYS = Asked(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
PRICES = {
    Kind.ANSWERS: "0.010",
    Kind.POSTS: "0.015",
    Kind.LINKS: "0.200",
    Kind.MESSAGES: "0.015",
    Kind.MENTION_READS: "0.001",
    Kind.OWN_READS: "0.001",
    Kind.MESSAGE_READS: "0.010",
    Kind.USER_READS: "0.010",
}


@pytest.fixture
def spent(desk: Desk, cast: Cast) -> Desk:
    """Two days: three questions, one answered with a thread, one with a link, one by direct message."""
    with time_machine.travel(NOON, tick=False):
        arrive(desk, post(MARIA), post(PAVEL, "Můj balík ještě nepřišel a čekám"), direct_message(KENJI))
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        with desk.database.reading() as session:
            maria, pavel, kenji = all_cases(session)
        reply_to(desk, maria, cast, words=LONG)
        reply_to(desk, pavel, cast, words="Více na https://example.com/balik")
        reply_to(desk, kenji, cast, words="確認します。")
        arrive(desk, post(US, "Lo miramos.", to=MARIA, minutes=1450))
    return desk


def slowly(session: Session) -> Counter[tuple[date, Kind]]:
    """Everything that is stored, one by one."""
    found: Counter[tuple[date, Kind]] = Counter()
    replies = {each.id: each for each in session.exec(select(Reply))}
    for part in session.exec(select(ReplyPart)):
        if part.sent_at is None:
            continue
        reply = replies[part.reply_id]
        kind = Kind.ANSWERS if part.number == 1 else Kind.POSTS
        if reply.visibility == "private":
            kind = Kind.MESSAGES
        elif "https://" in part.text:
            kind = Kind.LINKS
        found[part.sent_at.date(), kind] += 1
        read = Kind.MESSAGE_READS if reply.visibility == "private" else Kind.OWN_READS
        found[part.sent_at.date(), read] += 1
    for message in session.exec(select(Message)):
        if message.language_source == "reply":
            continue
        public = Kind.MENTION_READS if message.direction == "inbound" else Kind.OWN_READS
        kind = Kind.MESSAGE_READS if message.visibility == "private" else public
        found[message.sent_at.date(), kind] += 1
    for customer in session.exec(select(Customer)):
        found[customer.first_seen_at.date(), Kind.USER_READS] += 1
    return found


def test_each_kind_is_charged_as_often_as_a_slow_count_finds_it(spent: Desk) -> None:
    with spent.database.reading() as session:
        charges = money.charged(session, DAYS, owned=True)
        expected = slowly(session)
    assert {(each.day, each.kind): each.number for each in charges} == dict(expected)
    for each in charges:
        assert each.dollars == each.number * Decimal(PRICES[each.kind])
    assert {each.kind for each in charges} == set(Kind) - {Kind.POST_READS}  # which nothing stored tells


def assert_as_slowly_counted(desk: Desk) -> None:
    with desk.database.reading() as session:
        charges = money.charged(session, DAYS, owned=True)
        assert {(each.day, each.kind): each.number for each in charges} == dict(slowly(session))
    assert kept_is_right(desk)


def written(desk: Desk, kind: Kind) -> dict[date, int]:
    with desk.database.reading() as session:
        charges = money.charged(session, DAYS, owned=True)
    return {each.day: each.number for each in charges if each.kind == kind}


def test_a_thread_that_was_given_up_costs_what_of_it_is_on_x(desk: Desk, cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        arrive(desk, post(MARIA))
        with desk.database.reading() as session:
            (maria,) = all_cases(session)
        reply_id = reply_to(desk, maria, cast, words=LONG * 2, most=2)
        assert_as_slowly_counted(desk)
        with desk.database.transaction() as session:
            replies.cancel(session, replies.find(session, reply_id), by=cast.ana)
    assert written(desk, Kind.ANSWERS) == written(desk, Kind.POSTS) == {DAY: 1}
    assert_as_slowly_counted(desk)
    with desk.database.reading() as session:
        line = reports.total(reports.by_language(session))
    assert (line.replies, line.elsewhere, line.cost) == (0, 0, Decimal("0.025"))


def test_each_part_is_charged_on_its_own_day(desk: Desk, cast: Cast) -> None:
    """The rest of a thread was refused, and leaves the next morning."""
    with time_machine.travel(NOON, tick=False):
        arrive(desk, post(MARIA))
        with desk.database.reading() as session:
            (maria,) = all_cases(session)
        reply_id = reply_to(desk, maria, cast, words=LONG, most=1)
        with desk.database.transaction() as session:
            outgoing = outbox.claim(session, 1)
            assert outgoing
            outbox.held(session, outgoing, why="X said no.")
    assert written(desk, Kind.ANSWERS) == {DAY: 1}
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        send_again(desk, reply_id, cast.ana)
        send(desk)
    with desk.database.reading() as session:
        rest = len(parts.of_reply(session, reply_id)) - 1
    assert written(desk, Kind.ANSWERS) == {DAY: 1}
    assert written(desk, Kind.POSTS) == {DAY + timedelta(days=1): rest}
    assert_as_slowly_counted(desk)


def test_a_part_of_which_x_told_first_is_charged_and_was_not_written_elsewhere(
    desk: Desk, cast: Cast
) -> None:
    with time_machine.travel(NOON, tick=False):
        (asked,) = arrive(desk, post(MARIA))
        with desk.database.reading() as session:
            (maria,) = all_cases(session)
        reply_id = reply_to(desk, maria, cast, words=LONG, most=0)
        with desk.database.reading() as session:
            first = parts.of_reply(session, reply_id)[0].text
        arrive(desk, post(US, first, to=MARIA, conversation=asked, answers=asked))
        with desk.database.transaction() as session:
            assert outbox.claim(session, 1, Sending(recheck=False)) is None
    assert kept_is_right(desk)
    assert written(desk, Kind.ANSWERS) == written(desk, Kind.OWN_READS) == {DAY: 1}
    with desk.database.reading() as session:
        assert reports.total(reports.by_language(session)).elsewhere == 0


def test_another_account_has_cost_nothing(spent: Desk) -> None:
    with spent.database.reading() as session:
        assert money.charged(session, replace(DAYS, accounts=frozenset({2})), owned=True) == []


def test_the_rest_of_the_month_costs_what_the_last_days_did() -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    charge = Charge(1, DAY, Kind.LINKS, 7, Decimal("1.40"))
    (month,) = money.months([charge, charge], [charge], {1: Decimal(4)}, now)
    assert month.so_far == Decimal("2.80")
    assert month.forecast == Decimal("2.80") + Decimal("1.40") / 7 * 10
    assert month.exceeded
    assert not replace(month, budget=None).exceeded
    assert money.this_month(now) == Asked(
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert money.recent(now) == Asked(datetime(2026, 11, 13, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))


def test_links_and_foreign_apps_are_what_would_cost_less() -> None:
    links = Charge(1, DAY, Kind.LINKS, 3, Decimal("0.60"))
    reads = Charge(1, DAY, Kind.MENTION_READS, 100, Decimal("0.50"))
    saved = money.savings([links, reads], owned=False)
    assert (saved.links, saved.without_links) == (3, Decimal("0.57"))
    assert saved.as_owner == Decimal("0.40")
    assert not money.savings([links, reads], owned=True).as_owner
