"""Blocking people and muting conversations: their words are kept, wait for nobody, and can be heard again."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from socialdesk import cases, counts
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.placing import muting
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, US, all_cases, arrive, direct_message, post


def block(desk: Desk, cast: Cast, case_id: int = 1) -> None:
    with desk.database.transaction() as session:
        muting.block(session, cases.find(session, case_id), by=cast.ana)


def unblock(desk: Desk, cast: Cast, customer_id: int = 1) -> None:
    with desk.database.transaction() as session:
        muting.unblock(session, customer_id, by=cast.ben)


def mute(desk: Desk, cast: Cast, case_id: int = 1) -> None:
    with desk.database.transaction() as session:
        muting.mute(session, cases.find(session, case_id), by=cast.ana)


def unmute(desk: Desk, cast: Cast, conversation_id: str) -> None:
    with desk.database.transaction() as session:
        muting.unmute(session, 1, conversation_id, by=cast.ben)


def statuses(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [case.status for case in all_cases(session)]


def waiting(session: Session) -> list[int | None]:
    return [case.id for case, _ in queues.page(session, Status.WAITING).rows]


def kinds(session: Session, case_id: int) -> list[tuple[str, bool]]:
    """What happened to the case, and whether an agent did it."""
    return [(each.kind, each.agent_id is not None) for each in cases.events(session, case_id)]


def test_what_a_blocked_customer_wrote_waits_no_more(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA), post(KENJI, "助けてください。"), direct_message(MARIA, "¿Hola?", minutes=1))
    arrive(desk, post(MARIA, "Otra vez yo, con otro pedido.", minutes=2))
    block(desk, cast)

    with desk.database.reading() as session:
        assert [(case.customer_id, case.status) for case in all_cases(session)] == [
            (1, Status.RESOLVED),
            (2, Status.WAITING),
            (1, Status.RESOLVED),
        ]
        assert waiting(session) == [2]
        assert all(each.settled_at for each in session.exec(select(Message).where(Message.customer_id == 1)))
        maria = session.get_one(Customer, 1)
        assert maria.blocked_by_id == cast.ana.id
        assert muting.blocked_people(session) == [maria]
        assert kinds(session, 1)[-2:] == [("blocked", True), ("silenced", False)]
        assert kinds(session, 3)[-1] == ("silenced", False)


def test_what_a_blocked_customer_writes_is_kept_and_opens_nothing(desk: Desk, cast: Cast) -> None:
    first = post(MARIA)
    arrive(desk, first)
    block(desk, cast)
    again = post(MARIA, "¡Contestad ya!", conversation=first.x_id, minutes=5)
    elsewhere = post(MARIA, "Nadie contesta.", minutes=6)
    assert arrive(desk, again, elsewhere, direct_message(MARIA, "¿Hola?", minutes=7)) != []
    assert arrive(desk, again) == []

    assert set(statuses(desk)) == {Status.RESOLVED}
    with desk.database.reading() as session:
        assert len(session.exec(select(Message)).all()) == 4
        assert ("blocked", False) in kinds(session, 1)
        assert waiting(session) == []


def test_whoever_is_unblocked_is_heard_with_what_he_wrote_meanwhile(desk: Desk, cast: Cast) -> None:
    first = post(MARIA)
    arrive(desk, first)
    block(desk, cast)
    arrive(desk, post(MARIA, "¡Contestad ya!", minutes=6))
    unblock(desk, cast)

    with desk.database.reading() as session:
        assert session.get_one(Customer, 1).blocked_at is None
        assert muting.blocked_people(session) == []
        assert waiting(session) == [1, 2]
        assert session.get_one(Case, 1).waiting_since == first.sent_at
        assert session.get_one(Case, 1).resolved_at is None
    arrive(desk, post(MARIA, "Gracias.", minutes=9))
    assert statuses(desk) == [Status.WAITING] * 3


def test_what_was_resolved_before_the_block_stays_resolved_after_it(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    block(desk, cast)
    unblock(desk, cast)

    assert statuses(desk) == [Status.RESOLVED]


def test_nobody_is_blocked_or_unblocked_twice(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with pytest.raises(AlreadyDone, match="is not blocked"):
        unblock(desk, cast)
    block(desk, cast)
    with pytest.raises(AlreadyDone, match="is blocked already"):
        block(desk, cast)


def test_a_muted_conversation_waits_for_nobody_whoever_writes_in_it(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question, post(KENJI, "同じ問題です。", conversation=question.x_id, minutes=1))
    arrive(desk, post(MARIA, "Otra cosa: mi factura.", minutes=2))
    mute(desk, cast)
    assert statuses(desk) == [Status.RESOLVED, Status.RESOLVED, Status.WAITING]

    arrive(desk, post("3001", "Me too!", conversation=question.x_id, minutes=5))
    arrive(desk, post(MARIA, "¿Y bien?", conversation=question.x_id, minutes=6))
    arrive(desk, post(KENJI, "別の質問です。", minutes=7))

    with desk.database.reading() as session:
        assert waiting(session) == [3, 5]
        assert muting.muted(session, 1, [question.x_id, "77", None]) == {question.x_id}
        (row,) = muting.muted_conversations(session)
        assert (row.conversation_id, row.muted_by_id) == (question.x_id, cast.ana.id)
        assert muting.mute_of(session, session.get_one(Case, 2)) == row
        assert muting.mute_of(session, session.get_one(Case, 3)) is None


def test_a_conversation_that_is_heard_again_waits_with_what_was_written_meanwhile(
    desk: Desk, cast: Cast
) -> None:
    question = post(MARIA)
    arrive(desk, question)
    mute(desk, cast)
    arrive(desk, post(KENJI, "同じ問題です。", conversation=question.x_id, minutes=5))
    unmute(desk, cast, question.x_id)

    with desk.database.reading() as session:
        assert waiting(session) == [1, 2]
        assert kinds(session, 2)[-1] == ("unmuted", True)
        assert muting.muted_conversations(session) == []


def test_only_what_is_public_can_be_muted_and_only_once(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, direct_message(KENJI), question)
    with desk.database.reading() as session:
        private, public = sorted(all_cases(session), key=lambda case: case.visibility != "private")
    with pytest.raises(BadInput, match="block the customer instead"):
        mute(desk, cast, private.id or 0)
    with pytest.raises(AlreadyDone, match="is not muted"):
        unmute(desk, cast, question.x_id)
    mute(desk, cast, public.id or 0)
    with pytest.raises(AlreadyDone, match="muted already"):
        mute(desk, cast, public.id or 0)
    with desk.database.reading() as session, pytest.raises(NotFound):
        muting.find_mute(session, 99)


def test_our_own_words_to_somebody_blocked_are_placed_as_ever(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question)
    block(desk, cast)
    arrive(desk, post(US, "Adiós.", to=MARIA, conversation=question.x_id, minutes=3))

    with desk.database.reading() as session:
        assert kinds(session, 1)[-1] == ("we_wrote", False)
    assert statuses(desk) == [Status.RESOLVED]


def test_the_kept_counts_follow(desk: Desk, cast: Cast) -> None:
    question = post(MARIA)
    arrive(desk, question, post(KENJI, "助けてください。"))
    block(desk, cast)
    mute(desk, cast, 2)
    unblock(desk, cast)
    with desk.database.transaction() as session:
        assert sum(counts.by_status_and_language(session).values()) == 2
        assert counts.rebuild(session)
        assert len(session.exec(select(CaseEvent)).all()) > 4
