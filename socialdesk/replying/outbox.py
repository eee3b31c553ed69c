"""How approved replies leave: claimed, marked `sending` on the disk before the socket opens, then settled.

X takes no idempotency key. So a reply that was neither certainly sent nor certainly refused is `unknown`,
waits until X's timeline can be believed, and is looked for there before anything is sent again. All that
holds for each part of a reply; each but the first answers the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import cases, clock, exposure, history, messages, parts, replies, versions
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.errors import Remedy
from socialdesk.figures import whose
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.parts import ReplyPart
from socialdesk.phrases import mark
from socialdesk.placing.retelling import retell
from socialdesk.replies import Reply, State
from socialdesk.replying import second_looks, turns
from socialdesk.settings import Sending

_SKEW = timedelta(minutes=1)  # by which X's clock may be behind ours


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The part of a reply that was claimed, with all that X needs; `answers_x_id` is the message it answers,
    or the part before it.

    `attempt` numbers the claims: only the holder of the last one may say what became of it. `misses` and
    `duplicate` are those of the part.
    """

    reply_id: int
    number: int
    attempt: int
    attempt_at: datetime
    misses: int
    duplicate: bool
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
    return session.exec(turns.due(account_id).limit(1)).first() is not None


def claim(session: Session, account_id: int, sending: Sending | None = None) -> Outgoing | None:
    """The part whose turn it is, its reply now `sending`; None when there is none.

    Threads that have begun go first, what people wrote before what is automated, then who has waited
    longest. Replies of one case leave in order: while one is under way, the later ones wait, and when it is
    held, they are. One that wants a second look (second_looks.py) is held instead, and None comes back: there
    may be others.
    """
    found = session.exec(turns.due(account_id).limit(1)).first()
    if found is None:
        return None
    reply, answered, customer = found
    row = parts.of_reply(session, reply.id or 0)
    if look := second_looks.wanted(session, reply, row, customer, sending or Sending()):
        second_looks.hold(session, reply, look)
        return None
    claimed = replies.move(
        session,
        reply,
        State.SENDING,
        since=(State.APPROVED,),
        attempts=reply.attempts + 1,
        attempt_at=clock.now(),
        baseline_x_id=reply.baseline_x_id or _baseline(session, reply, answered),
    )
    if not claimed:
        return None
    outgoing = _outgoing(reply, row, answered, customer)
    if there := read_already(session, reply, outgoing):
        sent(session, outgoing, x_id=there.x_id, at=there.sent_at)
        return None
    return outgoing


def read_already(session: Session, reply: Reply, outgoing: Outgoing) -> Message | None:
    """Our own words that X has told us of since the approval, and that are these.

    So it is when the database was put back to what it was before they were sent, or when somebody sent the
    same in X's own app.
    """
    answered = session.get_one(Message, reply.answers_id)
    query = select(Message).where(
        Message.account_id == reply.account_id,
        Message.customer_id == answered.customer_id,
        Message.direction == Direction.OUTBOUND,
        Message.visibility == reply.visibility,
        col(Message.sent_at) >= (reply.approved_at or clock.now()) - _SKEW,
    )
    if not outgoing.private:
        query = query.where(Message.in_reply_to_x_id == outgoing.answers_x_id)
    words = parts.canonical(outgoing.text)
    found = [each for each in session.exec(query) if parts.canonical(each.text) == words]
    taken = parts.linked(session, [each.x_id for each in found])
    return next((each for each in found if each.x_id not in taken), None)


def unsettled(session: Session, account_id: int, *, attempted_before: datetime) -> list[Outgoing]:
    """Replies whose fate X must be asked for: `unknown`, or left `sending` by a process that died."""
    in_doubt = col(Reply.state).in_((State.SENDING, State.UNKNOWN))
    query = turns.with_people().where(
        Reply.account_id == account_id, in_doubt, col(Reply.attempt_at) < attempted_before
    )
    in_order = session.exec(query.order_by(col(Reply.attempt_at))).all()
    rows = parts.of_replies(session, [reply.id or 0 for reply, _, _ in in_order])
    return [
        _outgoing(reply, rows[reply.id or 0], answered, customer) for reply, answered, customer in in_order
    ]


def as_claimed(session: Session, reply: Reply) -> Outgoing:
    """The part at which a reply has stopped that was tried at least once."""
    asked = turns.with_people().where(Reply.id == reply.id)
    _reply, answered, customer = session.exec(asked).one()
    return _outgoing(reply, parts.of_reply(session, reply.id or 0), answered, customer)


def sent(session: Session, outgoing: Outgoing, *, x_id: str, at: datetime) -> None:
    """It is on X: the case tells it, its words are a message like every other, and the next part is due."""
    reply = replies.find(session, outgoing.reply_id)
    case = cases.hold(session, reply.case_id)
    row = parts.of_reply(session, outgoing.reply_id)
    part = row[outgoing.number - 1]
    session.refresh(part)
    last = part is row[-1]
    if part.x_id or not _on_x(session, reply, x_id, at, last=last):
        return
    part.x_id, part.sent_at, part.duplicate = x_id, at, False
    told_before = bool(messages.stored(session, reply.account_id, [x_id]))
    if not told_before:
        session.add(_as_message(session, reply, case, part, outgoing.answers_x_id))
    if last:
        _answered(session, reply, case, x_id, at)
        if told_before and not whose.is_persons(reply):  # it was taken for a person's answer
            retell(session, case)
    else:  # the customer waits for the rest
        _wrote(reply, case, x_id, at, case.waiting_since)


def _on_x(session: Session, reply: Reply, x_id: str, at: datetime, *, last: bool) -> bool:
    """Whoever learns it and however late, even when it was put back or tried again meanwhile: what X has, X
    has."""
    changes: dict[str, Any] = {"sent_at": at, "due_at": None} if last else {"due_at": clock.now()}
    changes |= {"x_id": reply.x_id or x_id, "baseline_x_id": None, "trouble": None, "remedy": None}
    to = State.SENT if last else State.APPROVED
    return replies.move(session, reply, to, since=replies.UNDER_WAY, **changes)


def _answered(session: Session, reply: Reply, case: Case, x_id: str, at: datetime) -> None:
    """All of it is there: what its author had before him is dealt with."""
    unseen_since = case.waiting_since
    if reply.settles:
        unseen_since = messages.unseen_since(session, reply.case_id, reply.seen_message_id)
        messages.settle(session, reply.case_id, up_to=reply.seen_message_id)
    _wrote(reply, case, x_id, at, unseen_since)
    case.exposed = case.exposed and exposure.stands(session, reply.case_id)
    case.reply_moved(reply.id or 0, State.SENT, by=reply.approved_by_id)


def _wrote(reply: Reply, case: Case, x_id: str, at: datetime, unseen_since: datetime | None) -> None:
    """As Case.we_wrote, but what no person wrote or approved for this customer is nobody's first response."""
    if whose.is_persons(reply):
        case.we_wrote(at=at, x_id=x_id, by=reply.approved_by_id, unseen_since=unseen_since)
        return
    case.last_message_at = max(case.last_message_at, at)
    if case.status == Status.WAITING:
        case.status = Status.WAITING if unseen_since else Status.ANSWERED
        case.waiting_since, case.exposed = unseen_since, case.exposed and unseen_since is not None
    history.record(case, "we_wrote", message=x_id)


def held(session: Session, outgoing: Outgoing, *, why: str, remedy: Remedy = Remedy.EDIT) -> None:
    """X said no, or an agent must look: it stays here with its reason and is not tried again, and what was to
    follow it stays, too."""
    _settle(session, outgoing, State.HELD, why=why, remedy=remedy)


def unknown(session: Session, outgoing: Outgoing, *, why: str, duplicate: bool = False) -> None:
    """It may be on X or not: until its timeline tells, nothing is sent again."""
    if _settle(session, outgoing, State.UNKNOWN, why=why) and duplicate:
        parts.of_reply(session, outgoing.reply_id)[outgoing.number - 1].duplicate = True


def put_back(session: Session, outgoing: Outgoing, *, due_at: datetime, why: str) -> None:
    """It is certainly not on X, and may be tried again at that time."""
    _settle(session, outgoing, State.APPROVED, why=why, due_at=due_at)


def missed(session: Session, outgoing: Outgoing) -> None:
    """It was in doubt and is not on X: sent again at once."""
    why = mark("It was not on X: sent again.")
    if _settle(session, outgoing, State.APPROVED, why=why, due_at=clock.now()):
        parts.of_reply(session, outgoing.reply_id)[outgoing.number - 1].misses += 1


def answered_ids(session: Session, outgoing: Outgoing) -> set[str]:
    """X's ids of what it answers: the customer may have edited that since the attempt."""
    if outgoing.number > 1:
        return {outgoing.answers_x_id}
    answers_id = replies.find(session, outgoing.reply_id).answers_id
    return {outgoing.answers_x_id, *versions.ids_of(session, answers_id)}


def _settle(session: Session, outgoing: Outgoing, to: State, *, why: str, **more: Any) -> bool:
    reply = replies.find(session, outgoing.reply_id)
    case = cases.hold(session, reply.case_id)
    told = {"trouble": why, "due_at": None, "remedy": None} | more
    in_doubt = (State.SENDING, State.UNKNOWN)
    moved = replies.move(session, reply, to, since=in_doubt, attempt=outgoing.attempt, **told)
    if moved:
        case.reply_moved(outgoing.reply_id, to, why=why)
    if moved and to == State.HELD:
        second_looks.hold_behind(session, case, reply)
    return moved


def _outgoing(reply: Reply, row: Sequence[ReplyPart], answered: Message, customer: Customer) -> Outgoing:
    part = parts.due(row)
    assert reply.id is not None and reply.attempt_at is not None and part is not None
    before = row[part.number - 2].x_id if part.number > 1 else None
    return Outgoing(
        reply_id=reply.id,
        number=part.number,
        attempt=reply.attempts,
        attempt_at=reply.attempt_at,
        misses=part.misses,
        duplicate=part.duplicate,
        text=part.text,
        visibility=reply.visibility,
        answers_x_id=before or answered.x_id,
        customer_x_id=customer.x_id,
        baseline_x_id=reply.baseline_x_id or before or answered.x_id,
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


def _as_message(session: Session, reply: Reply, case: Case, part: ReplyPart, answers_x_id: str) -> Message:
    answered = session.get_one(Message, reply.answers_id)
    return Message(
        account_id=reply.account_id,
        case_id=reply.case_id,
        customer_id=case.customer_id,
        x_id=part.x_id or "",
        visibility=reply.visibility,
        direction=Direction.OUTBOUND,
        conversation_id=answered.conversation_id if reply.visibility == answered.visibility else None,
        in_reply_to_x_id=answers_x_id,
        text=part.text,
        sent_at=part.sent_at or clock.now(),
        taken_in_at=clock.now(),
        language=case.language,
        confidence=1.0,
        language_source="reply",
    )
