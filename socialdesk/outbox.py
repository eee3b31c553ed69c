"""How approved replies leave: claimed, marked `sending` on the disk before the socket opens, then settled.

X takes no idempotency key. So a reply that was neither certainly sent nor certainly refused is `unknown`,
waits until X's timeline can be believed, and is looked for there before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case as either
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from socialdesk import cases, clock, exposure, messages, replies, versions
from socialdesk.accounts import Account
from socialdesk.customers import Customer
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.replies import Reply, State


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed reply, with all that X needs; `answers_x_id` is the message it answers.

    `attempt` numbers the claims: only the holder of the last one may say what became of the reply.
    """

    reply_id: int
    attempt: int
    text: str
    visibility: str
    answers_x_id: str
    customer_x_id: str
    baseline_x_id: str

    @property
    def private(self) -> bool:
        return self.visibility == Visibility.PRIVATE


def anything_due(session: Session, account_id: int) -> bool:
    """Whether a claim is worth its write lock."""
    return session.exec(_due(account_id).limit(1)).first() is not None


def claim(session: Session, account_id: int) -> Outgoing | None:
    """The reply that has been due longest, now `sending`; None when there is none.

    Replies of one case leave in order: while one is under way, the later ones wait.
    """
    found = session.exec(_due(account_id).limit(1)).first()
    if found is None:
        return None
    reply, answered, customer = found
    claimed = replies.move(
        session,
        reply,
        State.SENDING,
        since=(State.APPROVED,),
        attempts=reply.attempts + 1,
        attempt_at=clock.now(),
        baseline_x_id=_baseline(session, reply, answered),
    )
    return _outgoing(reply, answered, customer) if claimed else None


def unsettled(session: Session, account_id: int, *, attempted_before: datetime) -> list[Outgoing]:
    """Replies whose fate X must be asked for: `unknown`, or left `sending` by a process that died."""
    in_doubt = col(Reply.state).in_((State.SENDING, State.UNKNOWN))
    query = _with_people().where(
        Reply.account_id == account_id, in_doubt, col(Reply.attempt_at) < attempted_before
    )
    return [_outgoing(*found) for found in session.exec(query.order_by(col(Reply.attempt_at)))]


def sent(session: Session, outgoing: Outgoing, *, x_id: str, at: datetime) -> None:
    """It is on X: the case tells it, and its words are a message like every other."""
    reply = replies.find(session, outgoing.reply_id)
    case = cases.hold(session, reply.case_id)
    on_x = {"x_id": x_id, "sent_at": at, "trouble": None, "due_at": None}
    # Even one that was put back meanwhile: what X has, X has.
    moved = replies.move(
        session, reply, State.SENT, since=replies.UNDER_WAY, attempt=outgoing.attempt, **on_x
    )
    if not moved:
        return
    unseen_since = messages.unseen_since(session, reply.case_id, reply.seen_message_id)
    messages.settle(session, reply.case_id, up_to=reply.seen_message_id)
    case.we_wrote(at=at, x_id=x_id, by=reply.approved_by_id, unseen_since=unseen_since)
    case.exposed = case.exposed and exposure.stands(session, reply.case_id)
    case.reply_moved(outgoing.reply_id, State.SENT, by=reply.approved_by_id)
    if not messages.stored(session, reply.account_id, [x_id]):
        session.add(_as_message(session, reply, case, x_id, at))


def held(session: Session, outgoing: Outgoing, *, why: str) -> None:
    """X said no, or an agent must look: it stays here with its reason and is not tried again."""
    _settle(session, outgoing, State.HELD, why=why, due_at=None)


def unknown(session: Session, outgoing: Outgoing, *, why: str) -> None:
    """It may be on X or not: until its timeline tells, nothing is sent again."""
    _settle(session, outgoing, State.UNKNOWN, why=why, due_at=None)


def put_back(session: Session, outgoing: Outgoing, *, due_at: datetime, why: str) -> None:
    """It is certainly not on X, and may be tried again at that time."""
    _settle(session, outgoing, State.APPROVED, why=why, due_at=due_at)


def linked(session: Session, account_id: int, x_ids: Sequence[str]) -> set[str]:
    """Those of X's ids that are some reply's already, so cannot be the one that is looked for."""
    found = session.exec(select(Reply.x_id).where(Reply.account_id == account_id, col(Reply.x_id).in_(x_ids)))
    return {x_id for x_id in found if x_id}


def answered_ids(session: Session, outgoing: Outgoing) -> set[str]:
    """X's ids of what it answers: the customer may have edited that since the attempt."""
    answers_id = replies.find(session, outgoing.reply_id).answers_id
    return {outgoing.answers_x_id, *versions.ids_of(session, answers_id)}


def _settle(session: Session, outgoing: Outgoing, to: State, *, why: str, due_at: datetime | None) -> None:
    reply = replies.find(session, outgoing.reply_id)
    case = cases.hold(session, reply.case_id)
    told = {"trouble": why, "due_at": due_at}
    in_doubt = (State.SENDING, State.UNKNOWN)
    if replies.move(session, reply, to, since=in_doubt, attempt=outgoing.attempt, **told):
        case.reply_moved(outgoing.reply_id, to, why=why)


def _with_people() -> Any:
    return (
        select(Reply, Message, Customer)
        .join(Message, col(Message.id) == Reply.answers_id)
        .join(Customer, col(Customer.id) == Message.customer_id)
    )


def _due(account_id: int) -> Any:
    earlier = aliased(Reply)
    in_the_way = (
        select(earlier.id)
        .where(
            earlier.case_id == Reply.case_id,
            col(earlier.id) < col(Reply.id),
            col(earlier.state).in_(replies.UNDER_WAY),
        )
        .exists()
    )
    now = clock.now()
    public = col(Reply.visibility) == Visibility.PUBLIC
    paused_until = either((public, col(Account.public_not_before)), else_=col(Account.private_not_before))
    return (
        _with_people()
        .join(Account, col(Account.id) == Reply.account_id)
        .where(
            Reply.account_id == account_id,
            Reply.state == State.APPROVED,
            col(Reply.due_at) <= now,
            paused_until.is_(None) | (paused_until <= now),
            ~in_the_way,
        )
        .order_by(col(Reply.due_at), col(Reply.id))
    )


def _outgoing(reply: Reply, answered: Message, customer: Customer) -> Outgoing:
    assert reply.id is not None
    return Outgoing(
        reply_id=reply.id,
        attempt=reply.attempts,
        text=reply.text,
        visibility=reply.visibility,
        answers_x_id=answered.x_id,
        customer_x_id=customer.x_id,
        baseline_x_id=reply.baseline_x_id or answered.x_id,
    )


def _baseline(session: Session, reply: Reply, answered: Message) -> str:
    """Our newest known words of that kind, or what is answered if that is newer: both are older than it."""
    newest = session.exec(
        select(Message.x_id)
        .where(
            Message.account_id == reply.account_id,
            Message.direction == Direction.OUTBOUND,
            Message.visibility == reply.visibility,
        )
        .order_by(col(Message.sent_at).desc())
        .limit(1)
    ).first()
    return max(newest or "0", answered.x_id, key=int)


def _as_message(session: Session, reply: Reply, case: cases.Case, x_id: str, at: datetime) -> Message:
    answered = session.get_one(Message, reply.answers_id)
    return Message(
        account_id=reply.account_id,
        case_id=reply.case_id,
        customer_id=case.customer_id,
        x_id=x_id,
        visibility=reply.visibility,
        direction=Direction.OUTBOUND,
        conversation_id=answered.conversation_id if reply.visibility == answered.visibility else None,
        in_reply_to_x_id=answered.x_id,
        text=reply.text,
        sent_at=at,
        taken_in_at=clock.now(),
        language=case.language,
        confidence=1.0,
        language_source="reply",
    )
