"""What others wrote in a case's conversation: each has an own case, and its customer said none of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from socialdesk.cases import Case
from socialdesk.customers import Customer, called
from socialdesk.database import at_most
from socialdesk.messages import Direction, Message, Visibility

MOST = 50  # posts, of as many people
_LOOKED_AT = 1_000  # posts of these people, and people of a conversation, that are counted or sorted at most


@dataclass(frozen=True, slots=True)
class Aside:
    """A bystander's post, and how he is called; `message.case_id` is his own case, or where that has gone."""

    message: Message
    who: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The newest posts of bystanders, oldest first: `cut` when there are older ones. `others` is how many
    people have written besides, and `uncounted` says that there are more still."""

    posts: Sequence[Aside] = ()
    cut: bool = False
    others: int = 0
    uncounted: bool = False


NOBODY = Crowd()


def thread_of(session: Session, case: Case) -> tuple[Sequence[Message], Crowd]:
    """The case's whole thread, oldest first, and what bystanders wrote in its conversation, in one statement.

    They are who has an own case with the same account in it. Of a crowd those are read that came last.
    """
    asked = {
        "case_id": case.id,
        "account_id": case.account_id,
        "customer_id": case.customer_id,
    }
    rows = session.exec(_THREAD, params=asked).all()
    said = [row[0] for row in rows if row[0].case_id == case.id]
    found = [Aside(row[0], _who(row[1], row[2])) for row in rows if row[0].case_id != case.id]
    posts = tuple(found[-MOST:])
    people = rows[0][3] if rows else 0
    others = max(people - len({each.message.customer_id for each in posts}), 0)
    return said, Crowd(posts, len(found) > MOST, others, people >= _LOOKED_AT)


def _who(handle: str | None, x_id: str) -> str:
    return f"@{handle}" if handle else called(None, x_id)


_CASE_ID: Any = bindparam("case_id", type_=Integer)
_THIS = aliased(Case)
# Asked for within the statement: told that thousands write in it, PostgreSQL would walk all cases.
_CONVERSATION: Any = select(_THIS.conversation_id).where(col(_THIS.id) == _CASE_ID).scalar_subquery()
_OF_OTHERS = (
    col(Case.conversation_id) == _CONVERSATION,
    col(Case.account_id) == bindparam("account_id"),
    col(Case.customer_id) != bindparam("customer_id"),
)
# What an agent has merged is where it went.
_CASES = (
    select(func.coalesce(Case.merged_into_id, Case.id).label("case_id"))
    .where(*_OF_OTHERS)
    .order_by(col(Case.id).desc())
    .limit(at_most(MOST))
    .subquery()
)
# The limit within keeps PostgreSQL from walking all messages by their time in search of so few.
_SOME = (
    select(Message.id, Message.sent_at)
    .where(
        col(Message.case_id).in_(select(_CASES.c.case_id)),
        Message.direction == Direction.INBOUND,
        Message.visibility == Visibility.PUBLIC,
        col(Message.conversation_id) == _CONVERSATION,
        col(Message.customer_id) != bindparam("customer_id"),
    )
    .limit(at_most(_LOOKED_AT))
    .subquery()
)
_POSTS = (
    select(_SOME.c.id).order_by(_SOME.c.sent_at.desc(), _SOME.c.id.desc()).limit(at_most(MOST + 1)).subquery()
)
_SOMEBODY = select(Case.customer_id).where(*_OF_OTHERS).limit(at_most(_LOOKED_AT)).subquery()
_PEOPLE = select(func.count(_SOMEBODY.c.customer_id.distinct())).scalar_subquery()
# Made once: making it would take as long as running it.
_THREAD: Any = (
    select(Message, Customer.handle, Customer.x_id, _PEOPLE)
    .join(Customer, col(Customer.id) == Message.customer_id)
    .where(
        col(Message.id).in_(
            union_all(
                select(Message.id).where(col(Message.case_id) == _CASE_ID),
                select(_POSTS.c.id),
            )
        )
    )
    .order_by(col(Message.sent_at), col(Message.id))
)
