"""What became of a reply that X gave no answer to, said by a person who has looked there.

The desk looks by itself (workers/reconciler.py). Where X does not let it, or does not show it enough, a
person tells of the part that is in doubt: it is there, and which post it is, or it is not, and is sent again.
Whoever is faster settles it, the person or the desk: neither undoes what the other has found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from socialdesk import cases, clock, history, latecomers, messages, parts, replies, unplaced
from socialdesk.cases import Case
from socialdesk.errors import AlreadyDone, BadInput, Remedy
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State
from socialdesk.replying import outbox
from socialdesk.replying.outbox import Outgoing
from socialdesk.settings import Sending

SETTLED = "reply_settled"  # the event
_NO_ADDRESS = mark(
    "X shows no addresses of direct messages: these words are taken for sent once the desk has read them"
    " from X."
)
_SKEW = timedelta(minutes=1)  # by which X's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the person had before him: the number of the part, and how often the reply had been tried."""

    part: int
    attempt: int


def may_be_found(reply: Reply) -> bool:
    """Whether a person may say that it is on X: nobody knows, or he was told to look there."""
    if reply.state == State.HELD:
        return reply.remedy == Remedy.OPEN_ON_X and reply.attempt_at is not None
    return reply.state == State.UNKNOWN


def is_there(
    session: Session, reply_id: int, doubt: Doubt, *, post: tuple[str, datetime] | None, by: Agent
) -> None:
    """That part is on X: as the `post` of that id, made at that moment, or, without one, as words of ours
    that the desk has read from X since. A direct message has no address to be known by.

    Raises AlreadyDone when it was settled meanwhile, BadInput when it cannot be that post or none was read.
    """
    reply, case, outgoing = _in_doubt(session, reply_id, doubt, (State.UNKNOWN, State.HELD))
    if post is None:
        read = outbox.read_already(session, reply, outgoing)
        if read is None:
            raise BadInput(_("The desk has not read these words from X: give the address of the post."))
        post = read.x_id, read.sent_at
    elif reply.private:
        raise BadInput(_(_NO_ADDRESS))
    else:
        _refuse_another(session, reply, outgoing, *post)
    x_id, at = post
    if reply.state == State.HELD:
        replies.refuse_repetition(session, reply)
        replies.move(session, reply, State.UNKNOWN, since=(State.HELD,))
    outbox.sent(session, outgoing, x_id=x_id, at=at)
    history.record(case, SETTLED, by=by.id, reply=reply_id, part=doubt.part, on_x=x_id)


def is_missing(session: Session, reply_id: int, doubt: Doubt, *, sending: Sending, by: Agent) -> None:
    """That part is not on X: it leaves again in its turn, as it was approved.

    Raises AlreadyDone when it was settled meanwhile, or the desk has read these very words from X; BadInput
    before X's timeline may be believed.
    """
    reply, case, outgoing = _in_doubt(session, reply_id, doubt, (State.UNKNOWN,))
    now = clock.now()
    if now < outgoing.attempt_at + sending.settle:
        raise BadInput(_("X may be late in showing it: look there once more in a minute or two."))
    if outbox.read_already(session, reply, outgoing):
        raise AlreadyDone(_("The desk has read these very words from X: they were posted, and stay so."))
    again: dict[str, Any] = {"due_at": now + sending.undo, "trouble": None, "remedy": None}
    if not replies.move(session, reply, State.APPROVED, since=(State.UNKNOWN,), **again):
        raise AlreadyDone(latecomers.already(reply.state))
    parts.forget_misses(session, reply_id)
    case.reply_moved(reply_id, State.APPROVED)  # nobody approves it anew
    history.record(case, SETTLED, by=by.id, reply=reply_id, part=doubt.part)


def _in_doubt(
    session: Session, reply_id: int, doubt: Doubt, states: Sequence[State]
) -> tuple[Reply, Case, Outgoing]:
    """The case is held, and with it what the desk itself writes down about the attempt."""
    reply = replies.find(session, reply_id)
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    row = parts.of_reply(session, reply_id)
    if any(part.number == doubt.part and part.x_id for part in row):
        raise AlreadyDone(_("This was settled meanwhile: it is on X."))
    if reply.state not in states or not may_be_found(reply):
        if reply.state in (State.APPROVED, State.SENDING):
            raise AlreadyDone(_("This was settled meanwhile: it was not on X, and is sent again."))
        raise AlreadyDone(latecomers.already(reply.state))
    outgoing = outbox.as_claimed(session, reply)
    if (outgoing.number, outgoing.attempt) != (doubt.part, doubt.attempt):
        raise AlreadyDone(_("This has been tried again since: look anew whether it is on X."))
    return reply, case, outgoing


def _refuse_another(session: Session, reply: Reply, outgoing: Outgoing, x_id: str, at: datetime) -> None:
    """Raises BadInput when the post of that id cannot be the part."""
    if at > clock.now() + _SKEW:
        raise BadInput(_("X has given that number to no post yet: copy the post's address once more."))
    if int(x_id) <= int(outgoing.baseline_x_id):
        raise BadInput(_("That post is older than this reply: copy the address of the newer one."))
    if parts.linked(session, [x_id]):
        raise BadInput(_("That post is another reply of the desk's already."))
    query = select(Message).where(Message.account_id == reply.account_id, Message.x_id == x_id)
    known = session.exec(query).first()
    if known is None:
        asked = reply.account_id, [x_id]
        another = bool(messages.stored(session, *asked) | unplaced.stored(session, *asked))
    else:
        another = not _is_it(session, known, reply, outgoing)
    if another:
        raise BadInput(_("That post is another one: not ours, not in this case, or in other words."))


def _is_it(session: Session, known: Message, reply: Reply, outgoing: Outgoing) -> bool:
    answered = session.get_one(Message, reply.answers_id)
    return (
        known.ours
        and (known.customer_id, known.visibility) == (answered.customer_id, reply.visibility)
        and parts.canonical(known.text) == parts.canonical(outgoing.text)
    )
