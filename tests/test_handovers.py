"""How many of those we asked for a direct message came, against a slow count of the same."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

import time_machine
from sqlmodel import Session, col, select

from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.replies import Reply, State
from socialdesk.replying import handovers
from socialdesk.replying.handovers import Handover
from tests.conftest import Cast
from tests.stories import MARIA, NOON, all_cases, arrive, direct_message, post

ASKING = ("please_send_dm", "order_lost")
LATER = NOON + timedelta(days=60)


def asked(
    session: Session, case: Case, answered: Message, by: int, *, at: datetime, template: str, **more: object
) -> None:
    """A reply of ours that is on X."""
    told: dict[str, object] = {"state": State.SENT, "visibility": answered.visibility}
    session.add(
        Reply(
            account_id=case.account_id,
            case_id=case.id or 0,
            answers_id=answered.id or 0,
            answers_visibility=answered.visibility,
            seen_message_id=answered.id or 0,
            text="Escríbenos.",
            text_hash=hashlib.sha256(f"{at}{template}".encode()).hexdigest(),
            template_id=template,
            drafted_by_id=by,
            drafted_at=at,
            sent_at=at,
            **(told | more),  # type: ignore[arg-type]
        )
    )


def test_a_handover_that_came_is_counted_with_its_time(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        question = session.exec(select(Message)).one()
        asked(session, case, question, cast.ana.id or 0, at=NOON, template="please_send_dm")
    arrive(desk, direct_message(MARIA, "Es el pedido azul.", minutes=42))

    with desk.database.reading() as session:
        found = handovers.measure(session, handovers.templates(desk.library), since=NOON, until=LATER)
        nothing = handovers.measure(session, ["thanks"], since=NOON, until=LATER)
        before = handovers.measure(session, ASKING, since=NOON - timedelta(days=1), until=NOON)
    assert found == [Handover("please_send_dm", "es", sent=1, came=1, minutes=42.0)]
    assert nothing == before == []


def test_who_is_asked_again_after_the_period_came_for_that(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        question = session.exec(select(Message)).one()
        for minutes in (0, 30):
            at = NOON + timedelta(minutes=minutes)
            asked(session, case, question, cast.ana.id or 0, at=at, template="please_send_dm")
    arrive(desk, direct_message(MARIA, "Es el pedido azul.", minutes=42))
    with desk.database.reading() as session, time_machine.travel(LATER):
        first = handovers.measure(session, ASKING, since=NOON, until=NOON + timedelta(minutes=15))
    assert first == [Handover("please_send_dm", "es", sent=1, came=0, minutes=None)]


def test_only_those_of_the_asked_accounts_and_channel_are_counted(desk: Desk, cast: Cast) -> None:
    """In public one is asked for a direct message, never in one."""
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        question = session.exec(select(Message)).one()
        asked(session, case, question, cast.ana.id or 0, at=NOON, template="please_send_dm")
        session.flush()

        def sent(**only: object) -> int:
            found = handovers.measure(session, ASKING, since=NOON, until=LATER, **only)  # type: ignore[arg-type]
            return sum(each.sent for each in found)

        ours = frozenset({case.account_id})
        assert sent() == sent(accounts=ours) == sent(visibility="public") == 1
        assert sent(accounts=frozenset({case.account_id + 1})) == sent(accounts=frozenset()) == 0
        assert sent(visibility="private") == sent(accounts=ours, visibility="private") == 0


def test_the_numbers_are_those_of_a_slow_count(desk: Desk, cast: Cast) -> None:
    dice = random.Random(5)
    with desk.database.transaction() as session:
        for number in range(30):
            _fill(session, dice, str(4000 + number), cast.ana.id or 0)
        since = NOON + timedelta(days=2)
        until = NOON + timedelta(days=20)
        found = handovers.measure(session, ASKING, since=since, until=until)
        assert found == _slowly(session, since, until)
        with time_machine.travel(until + timedelta(days=60)):  # what was sent after it is read no further
            assert handovers.measure(session, ASKING, since=since, until=until) == found
    assert len(found) > 6
    assert 0 < sum(each.came for each in found) < sum(each.sent for each in found)


def _fill(session: Session, dice: random.Random, x_id: str, by: int) -> None:
    """One customer with some cases, our replies of all kinds, and his messages in public and private."""
    account = session.exec(select(Account)).one()
    customer = Customer(x_id=x_id, first_seen_at=NOON)
    session.add(customer)
    session.flush()
    for _ in range(dice.randint(1, 2)):
        case = Case(
            account_id=account.id or 0,
            customer_id=customer.id or 0,
            visibility=Visibility.PUBLIC,
            language=dice.choice(["es", "ja", "pl", "und"]),
            opened_at=NOON,
            last_message_at=NOON,
            customer_wrote_at=NOON,
        )
        session.add(case)
        session.flush()
        question = _says(session, dice, case, customer, Visibility.PUBLIC)
        kinds: list[dict[str, object]] = [{}, {}, {}, {"visibility": "private"}, {"state": State.CANCELLED}]
        for _ in range(dice.randint(0, 4)):
            at = NOON + timedelta(hours=dice.randint(0, 24 * 25))
            template = dice.choice([*ASKING, "thanks"])
            asked(session, case, question, by, at=at, template=template, **dice.choice(kinds))
        for _ in range(dice.randint(0, 3)):
            _says(session, dice, case, customer, dice.choice(list(Visibility)), dice.choice(list(Direction)))
    session.flush()


def _says(
    session: Session,
    dice: random.Random,
    case: Case,
    customer: Customer,
    visibility: Visibility,
    direction: Direction = Direction.INBOUND,
) -> Message:
    at = NOON + timedelta(minutes=dice.randint(0, 60 * 24 * 30))
    message = Message(
        account_id=case.account_id,
        case_id=case.id or 0,
        customer_id=customer.id or 0,
        x_id=str(dice.randint(10**18, 10**19)),
        visibility=visibility,
        direction=direction,
        text="Hola",
        sent_at=at,
        taken_in_at=at,
        language="es",
        confidence=1.0,
        language_source="detector",
    )
    session.add(message)
    session.flush()
    return message


def _slowly(session: Session, since: datetime, until: datetime) -> list[Handover]:
    """Every direct message in turn goes to the last public reply before it that asked for one."""
    cases = {case.id: case for case in session.exec(select(Case))}
    replies = [
        reply
        for reply in session.exec(select(Reply).order_by(col(Reply.sent_at), col(Reply.id)))
        if reply.state == State.SENT and reply.visibility == "public" and reply.template_id in ASKING
        if reply.sent_at and reply.sent_at >= since
    ]
    waits: dict[int, timedelta] = {}
    for message in session.exec(select(Message).order_by(col(Message.sent_at))):
        if message.visibility == Visibility.PUBLIC or message.direction == Direction.OUTBOUND:
            continue
        his = [reply for reply in replies if cases[reply.case_id].customer_id == message.customer_id]
        before = [reply for reply in his if reply.sent_at and reply.sent_at < message.sent_at]
        if before and before[-1].sent_at and message.sent_at - before[-1].sent_at <= timedelta(days=7):
            waits.setdefault(before[-1].id or 0, message.sent_at - before[-1].sent_at)
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for reply in replies:
        if reply.sent_at and reply.sent_at < until:
            rows[reply.template_id or "", cases[reply.case_id].language].append(reply.id or 0)
    return [
        Handover(*key, len(ids), len(came), median(came) if came else None)
        for key, ids in sorted(rows.items())
        for came in [[waits[each].total_seconds() / 60 for each in ids if each in waits]]
    ]


def test_the_way_to_the_replies_is_an_index(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.reading() as session:
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM replies WHERE state = 'sent' AND template_id IN ('a', 'b')"
            " AND sent_at >= '2026-01-01'"
        )
        assert "ix_replies_template_id" in " ".join(str(row) for row in plan)
