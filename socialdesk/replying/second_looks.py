"""Why an approved reply does not leave before somebody has looked at it again: it is held, with the reason.

The reasons are stored in English, and told again in the language of whoever reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import cases, clock, guards, latecomers, messages, parts, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import Remedy
from socialdesk.guards import Kind
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.phrases import SOURCE, mark, read_in
from socialdesk.replies import Reply, State
from socialdesk.replying import set_aside
from socialdesk.settings import Sending

_TOO_OLD = mark(
    "This could not leave within %(hours)s hours: send it again if it is still right, or change it."
)
_OPTED_OUT = mark("The customer has asked to hear nothing more from us.")
_WAY_OUT = mark("Cancel it, or edit it as a new draft, which a supervisor may approve all the same.")
BEHIND = mark(
    "The reply before it was not sent: see to that one first, then send this again, change it or cancel it."
)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The reason, in English, and what helps most."""

    why: str
    remedy: Remedy = Remedy.RETRY


def wanted(
    session: Session, reply: Reply, row: Sequence[ReplyPart], customer: Customer, sending: Sending
) -> SecondLook | None:
    """None when the approved reply may leave; `row` are its parts, and `customer` is whom it is for."""
    if customer.erased:
        return SecondLook(guards.ERASED, Remedy.EDIT)
    if customer.opted_out_at and Kind.OPTED_OUT not in set_aside.of_reply(session, reply):
        return SecondLook(f"{_OPTED_OUT} {_WAY_OUT}", Remedy.EDIT)
    if reply.approved_at and clock.now() - reply.approved_at > sending.fresh:
        return SecondLook(_TOO_OLD % {"hours": f"{sending.fresh_hours:g}"})
    if any(part.x_id for part in row):
        return None
    if sending.recheck and (told := _news(session, reply)):
        return SecondLook(told)
    return SecondLook(BEHIND) if _missed_one(session, reply) else None


def hold(session: Session, reply: Reply, look: SecondLook) -> None:
    """It stays here until somebody has looked, and so do those of its case that wait behind it."""
    case = cases.hold(session, reply.case_id)
    if _hold(session, case, reply, look):
        hold_behind(session, case, reply)


def hold_behind(session: Session, case: Case, reply: Reply) -> None:
    """What was approved after a reply that was not sent, and may go on from it, does not leave past it; a
    thread that has begun does."""
    query = select(Reply).where(
        Reply.case_id == reply.case_id,
        col(Reply.id) > reply.id,
        Reply.state == State.APPROVED,
        col(Reply.x_id).is_(None),
    )
    for each in session.exec(query.order_by(col(Reply.id))).all():
        _hold(session, case, each, SecondLook(BEHIND))


def _hold(session: Session, case: Case, reply: Reply, look: SecondLook) -> bool:
    told: dict[str, Any] = {"trouble": look.why, "remedy": look.remedy, "due_at": None}
    moved = replies.move(session, reply, State.HELD, since=(State.APPROVED,), **told)
    if moved:
        case.reply_moved(reply.id or 0, State.HELD, why=look.why)
    return moved


def _news(session: Session, reply: Reply) -> str | None:
    came = messages.newest_seen(session, reply.case_id) > reply.seen_message_id
    with read_in(SOURCE):
        return latecomers.since_approved(came=came, elsewhere=not came and _said_elsewhere(session, reply))


def _said_elsewhere(session: Session, reply: Reply) -> bool:
    """What replies of this case are about to say does not count: a desk that was put back to what it was
    before finds it on X, and takes it for sent."""
    told = select(Message.text).where(
        Message.case_id == reply.case_id, col(Message.id) > reply.seen_message_id, parts.is_elsewhere()
    )
    found = {parts.canonical(text) for text in session.exec(told)}
    if not found:
        return False
    still = select(ReplyPart.text).join(Reply, col(Reply.id) == ReplyPart.reply_id)
    still = still.where(
        Reply.case_id == reply.case_id, col(Reply.state).in_(replies.UNDER_WAY), col(ReplyPart.x_id).is_(None)
    )
    return not found <= {parts.canonical(text) for text in session.exec(still)}


def _missed_one(session: Session, reply: Reply) -> bool:
    """Whether the answer that its author took for given was not sent: it was held before this was approved,
    and his page was older than that."""
    given = session.get(Reply, reply.seen_reply_id) if reply.seen_reply_id else None
    return given is not None and (given.case_id, given.state) == (reply.case_id, State.HELD)
