"""Replies with everything they are about: of many asked for in one statement, as of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlalchemy.orm import aliased, load_only
from sqlmodel import Session, col, func, select

from socialdesk import latecomers, parts
from socialdesk.accounts import Account
from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.replies import ALIVE, Reply


@dataclass(frozen=True, slots=True)
class Matter:
    """`repeated` says that these very words have gone to that message, or are on their way there; the
    newest are row ids as `messages.newest_seen`, `replies.newest_given` and `parts.newest_elsewhere` tell
    them; `fluent` says that the author writes the case's language, or that nothing is known of him."""

    reply: Reply
    case: Case
    customer: Customer
    answered: Message
    author: Agent
    account: Account
    repeated: bool
    newest_seen: int
    newest_given: int
    newest_elsewhere: int
    fluent: bool

    @property
    def overtaken(self) -> str | None:
        """Why the draft has to be looked at anew before it goes out; None while nothing has come or gone."""
        came = self.newest_seen > self.reply.seen_message_id
        elsewhere = self.newest_elsewhere > self.reply.seen_message_id
        went = self.newest_given > self.reply.seen_reply_id
        return latecomers.overtaken(came=came, went=went, elsewhere=elsewhere)


def asking(*conditions: Any) -> Any:
    """The question for `stored`, to be made once: making it would take a sixth of the time of asking it. How
    many at most stands in the statement itself, as with database.at_most."""
    query = _STORED.where(*conditions).order_by(col(Reply.submitted_at), col(Reply.id))
    return query.limit(bindparam("most", type_=Integer, literal_execute=True))


def stored(session: Session, question: Any, *, most: int, **asked: Any) -> list[Matter]:
    """Those of the stored replies, which are submitted drafts the longest waiting first."""
    return [Matter(*row) for row in session.exec(question, params={"most": most, **asked})]


def of(session: Session, case: Case, reply: Reply) -> Matter:
    """That of one reply as it is now; it need not be stored."""
    about = {
        "message_id": reply.answers_id,
        "agent_id": reply.drafted_by_id,
        "customer_id": case.customer_id,
        "account_id": case.account_id,
        "case_id": case.id,
        "text_hash": reply.text_hash,
        "language": case.language,
    }
    row = session.exec(_ONE, params=about).one()
    return Matter(reply, case, *row)


def repliable(session: Session, case_ids: Collection[int]) -> dict[int, Message]:
    """By case, the customer's last post that X lets us answer in public; as messages.newest_repliable."""
    if not case_ids:
        return {}
    found = session.exec(_REPLIABLE, params={"case_ids": list(case_ids)})
    return {message.case_id: message for message in found}


def _standing(case_id: Any, answers_id: Any, text_hash: Any) -> Sequence[Any]:
    """What else is in the case: whether the reply repeats what is there, and what came and went last."""
    same, given, said, ours = aliased(Reply), aliased(Reply), aliased(Message), aliased(Message)
    repeated = select(same.id).where(same.answers_id == answers_id, same.text_hash == text_hash, ALIVE)
    newest_seen = select(func.coalesce(func.max(said.id), 0)).where(
        said.case_id == case_id, said.direction == Direction.INBOUND
    )
    newest_given = select(func.coalesce(func.max(given.id), 0)).where(given.case_id == case_id, ALIVE)
    newest_elsewhere = select(func.coalesce(func.max(ours.id), 0)).where(
        ours.case_id == case_id, parts.is_elsewhere(ours)
    )
    newest = (newest_seen, newest_given, newest_elsewhere)
    return repeated.exists(), *(each.scalar_subquery() for each in newest)


def _only(table: Any, *names: str) -> Any:
    return load_only(*(getattr(table, name) for name in names))


def _newest_repliable() -> Any:
    """The row id of the one, beside a case."""
    said: Any = aliased(Message)
    query = select(said.id).where(
        said.case_id == Case.id,
        said.direction == Direction.INBOUND,
        said.visibility == Visibility.PUBLIC,
        said.not_repliable.is_(None),
        said.gone.is_(None),
    )
    return query.order_by(said.sent_at.desc(), said.id.desc()).limit(1).scalar_subquery()


# Of many only what is looked at is read at once; what else is asked of one of them is read when it is.
_LOOKED_AT = (
    _only(Case, "account_id", "conversation_id", "follows_id", "language", "language_sure", "exposed"),
    _only(Customer, "x_id", "handle", "name", "opted_out_at"),
    _only(
        Message,
        "x_id",
        "visibility",
        "text",
        "sent_at",
        "language",
        "language_found",
        "not_repliable",
        "personal",
        "gone",
    ),
    _only(Agent, "name", "role"),
    _only(Account, "handle", "x_id"),
)
# Made once: the console asks these whenever it shows drafts, and making them would take as long as running.
_STORED: Any = (
    select(  # type: ignore[call-overload]  # so many columns it does not know of
        Reply,
        Case,
        Customer,
        Message,
        Agent,
        Account,
        *_standing(col(Case.id), col(Reply.answers_id), col(Reply.text_hash)),
        skills.is_writer(col(Reply.drafted_by_id), col(Case.language)),
    )
    .join(Case, col(Case.id) == Reply.case_id)
    .join(Customer, col(Customer.id) == Case.customer_id)
    .join(Message, col(Message.id) == Reply.answers_id)
    .join(Agent, col(Agent.id) == Reply.drafted_by_id)
    .join(Account, col(Account.id) == Case.account_id)
    .options(*_LOOKED_AT)
)
_ONE: Any = (
    select(  # type: ignore[call-overload]  # so many columns it does not know of
        Customer,
        Message,
        Agent,
        Account,
        *_standing(bindparam("case_id"), bindparam("message_id"), bindparam("text_hash")),
        skills.is_writer(bindparam("agent_id"), bindparam("language")),
    )
    .select_from(Message)
    .join(Agent, col(Agent.id) == bindparam("agent_id"))
    .join(Customer, col(Customer.id) == bindparam("customer_id"))
    .join(Account, col(Account.id) == bindparam("account_id"))
    .where(col(Message.id) == bindparam("message_id"))
    .execution_options(populate_existing=True)
)
_REPLIABLE: Any = select(Message).where(
    col(Message.id).in_(select(_newest_repliable()).where(among(col(Case.id), "case_ids")))
)
