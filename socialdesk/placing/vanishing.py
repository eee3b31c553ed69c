"""Posts that X shows no more: their text leaves the desk, and what happened stays in the case.

X wants deleted posts to be gone within a day (docs: developer-terms/policy). The message keeps its place, its
language and its ids, so that no count changes and nothing of it comes in again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from socialdesk import cases, clock, exposure, history, messages, replies, search, versions
from socialdesk.cases import EXCERPT, Case, Status
from socialdesk.customers import Customer
from socialdesk.messages import Direction, Gone, Incoming, Message, Visibility

MOST_SILENCES = 5  # then a post counts as deleted; it comes back like any other when X shows it again


@dataclass(frozen=True, slots=True)
class Watched:
    """A customer's post that X is asked about: `gone` is what is known of it, None while it is there."""

    message_id: int
    case_id: int
    x_id: str
    author_x_id: str
    gone: str | None


def due(
    session: Session, account_id: int, *, looked_before: datetime, resolved_since: datetime, most: int
) -> Sequence[Watched]:
    """The posts that X has to be asked about, those of open cases first, and the newest first.

    They are in cases that are open or were resolved since then, and came in, or X was last asked, before
    `looked_before`.
    """
    open_ = col(Case.status).in_((Status.WAITING, Status.ANSWERED))
    recent = col(Case.resolved_at).is_not(None) & (col(Case.resolved_at) >= resolved_since)
    looked = func.coalesce(col(Message.looked_at), col(Message.taken_in_at))
    anew = col(Message.gone).is_not(None) & col(Message.looked_at).is_(None)
    columns: tuple[Any, ...] = (Message.id, Message.case_id, Message.x_id, Customer.x_id, Message.gone)
    query: Any = (
        select(*columns)
        .join(Case, col(Case.id) == Message.case_id)
        .join(Customer, col(Customer.id) == Message.customer_id)
        .where(
            Message.account_id == account_id,
            Message.direction == Direction.INBOUND,
            Message.visibility == Visibility.PUBLIC,
            open_ | recent,
            (looked <= looked_before) | anew,
        )
        .order_by(col(Case.status) == Status.RESOLVED, col(Message.sent_at).desc())
        .limit(most)
    )
    return [Watched(*row) for row in session.connection().execute(query)]


def looked(session: Session, message_ids: Collection[int]) -> None:
    """X has told how it stands with these."""
    told = {"looked_at": clock.now(), "silences": None}
    session.connection().execute(update(Message).where(col(Message.id).in_(message_ids)).values(told))


def never_told(session: Session, message_ids: Collection[int]) -> set[int]:
    """X was asked and has told nothing of these, not even why not: those of which it never does."""
    once_more: Any = func.coalesce(Message.silences, 0) + 1
    asked = update(Message).where(col(Message.id).in_(message_ids)).values(silences=once_more)
    counted: Any = session.connection().execute(asked.returning(col(Message.id), col(Message.silences)))
    return {message_id for message_id, silences in counted if (silences or 0) >= MOST_SILENCES}


def take_out(session: Session, message_id: int, why: Gone, *, sure: bool = True) -> bool:
    """X shows the post no more, and that is why; False when that was known.

    When it is not `sure` why, X is asked anew.
    """
    case, message = _held(session, message_id)
    if message.gone == why:
        return False
    message.gone, message.gone_at = why, message.gone_at or clock.now()
    message.looked_at = clock.now() if sure else None
    message.text, message.personal = "", None
    versions.erase(session, message_id)
    search.forget(session, [message_id])
    for each in (case, *_signs_to(session, case)):
        each.topic_words = None  # they are the customer's own; the topic stays
    _tell(session, case, message)
    history.record(case, "message_gone", message=message.x_id, why=why)
    return True


def take_out_answered(session: Session, reply_id: int) -> None:
    """X refused a reply because what it answers is not there; whether it was deleted X does not say then."""
    answered = session.get_one(Message, replies.find(session, reply_id).answers_id)
    if not answered.gone:
        take_out(session, answered.id or 0, Gone.DELETED, sure=False)


def bring_back(session: Session, message_id: int, shown: Incoming) -> bool:
    """X shows the post again: its text is taken in anew. False when it was not gone, or has another id."""
    case, message = _held(session, message_id)
    if message.gone is None or message.x_id != shown.x_id:
        return False
    shown = replace(shown, text=messages.clean(shown.text))
    message.gone = message.gone_at = None
    message.text = shown.text
    message.personal = exposure.kinds(exposure.look(shown, message.language))
    _tell(session, case, message)
    history.record(case, "message_back", message=message.x_id)
    return True


def _held(session: Session, message_id: int) -> tuple[Case, Message]:
    """The case is held before the message is read: whoever changes one of its messages holds it."""
    message = session.get_one(Message, message_id)
    case = cases.hold(session, message.case_id)
    session.refresh(message)
    return case, message


def _signs_to(session: Session, case: Case) -> Sequence[Case]:
    """Cases whose words have all gone into this one, and that still show their last ones."""
    return session.exec(select(Case).where(Case.merged_into_id == case.id)).all()


def _tell(session: Session, case: Case, message: Message) -> None:
    """What the lists show of the case: its last words, and whether there is something to hide in it."""
    newest = messages.newest_from_customer(session, case.id or 0)
    told = message.gone_words or exposure.shown(message)[:EXCERPT]
    if newest and newest.id == message.id:
        case.excerpt = told
    for sign in _signs_to(session, case) if message.gone else ():
        sign.excerpt = told  # whichever words of the merged case these are
    case.exposed = case.status == Status.WAITING and exposure.stands(session, case.id or 0)
