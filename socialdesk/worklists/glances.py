"""As much of a case as somebody reads who only looks at it: how it stands, and what was written last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.casework.notes import Note
from socialdesk.customers import Customer
from socialdesk.database import at_most
from socialdesk.messages import Message
from socialdesk.replies import UNSENT, Reply

MESSAGES = 20
NOTES = 5
_REPLIES = 40  # what waits, and whose the last answers are


@dataclass(frozen=True, slots=True)
class Glance:
    """Messages, notes and replies oldest first; `earlier` when more was said than these messages."""

    case: Case
    customer: Customer
    said: Sequence[Message]
    earlier: bool
    noted: Sequence[Note]
    written: Sequence[Reply]


def of_case(session: Session, case_id: int) -> Glance:
    """In four statements. Nobody is taken to have read anything by it. Raises NotFound."""
    case, customer = cases.with_customer(session, case_id)
    said, noted, written = (
        list(session.exec(query, params={"case_id": case_id}).all()) for query in (_SAID, _NOTED, _WRITTEN)
    )
    written.sort(key=lambda reply: reply.id or 0)
    return Glance(case, customer, said[:MESSAGES][::-1], len(said) > MESSAGES, noted[::-1], written)


# Made once: making them would take as long as running them.
_SAID: Any = (
    select(Message)
    .where(col(Message.case_id) == bindparam("case_id"))
    .order_by(col(Message.sent_at).desc(), col(Message.id).desc())
    .limit(at_most(MESSAGES + 1))
)
_NOTED: Any = (
    select(Note)
    .where(col(Note.case_id) == bindparam("case_id"), col(Note.deleted_at).is_(None))
    .order_by(col(Note.id).desc())
    .limit(at_most(NOTES))
)
_WRITTEN: Any = (
    select(Reply)
    .where(col(Reply.case_id) == bindparam("case_id"))
    .order_by(col(Reply.state).in_(UNSENT).desc(), col(Reply.id).desc())
    .limit(at_most(_REPLIES))
)
