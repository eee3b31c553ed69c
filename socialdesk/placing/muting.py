"""Spam and noise: blocked people and muted conversations, whose words are kept and wait for nobody."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import clock, customers, history
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.messages import Direction, Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.placing.retelling import retell

BLOCKED = "blocked"
MUTED = "muted"


class MutedConversation(SQLModel, table=True):
    """A thread on X of which one account wants to hear no more, whoever writes in it."""

    __tablename__ = "muted_conversations"
    __table_args__ = (UniqueConstraint("account_id", "conversation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    conversation_id: str
    muted_at: datetime
    muted_by_id: int = Field(foreign_key="agents.id")


def muted(session: Session, account_id: int, conversation_ids: Collection[str | None]) -> set[str]:
    """Those of the conversations that are muted."""
    found = session.exec(
        select(MutedConversation.conversation_id).where(
            MutedConversation.account_id == account_id,
            col(MutedConversation.conversation_id).in_([each for each in conversation_ids if each]),
        )
    )
    return set(found)


def block(session: Session, case: Case, *, by: Agent) -> None:
    """What this customer writes opens nothing any more, on any account; his open cases are resolved."""
    customer = customers.hold(session, case.customer_id)
    if customer.blocked_at:
        raise AlreadyDone(_("%(name)s is blocked already.", name=customer.shown))
    customer.blocked_at, customer.blocked_by_id = clock.now(), by.id
    session.add(customer)
    history.record(case, BLOCKED, by=by.id)
    _silence(_held(session, col(Case.customer_id) == customer.id), BLOCKED)


def unblock(session: Session, customer_id: int, *, by: Agent) -> None:
    """He is heard again, and what he wrote meanwhile waits for an answer. Raises NotFound."""
    if session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no such customer."))
    customer = customers.hold(session, customer_id)
    if customer.blocked_at is None:
        raise AlreadyDone(_("%(name)s is not blocked.", name=customer.shown))
    since, customer.blocked_at, customer.blocked_by_id = customer.blocked_at, None, None
    session.add(customer)
    _hear_again(session, col(Case.customer_id) == customer_id, since, "unblocked", by)


def mute(session: Session, case: Case, *, by: Agent) -> None:
    """Nothing in the case's conversation opens anything any more, whoever writes it."""
    if case.conversation_id is None:
        raise BadInput(_("Only a public conversation can be muted: block the customer instead."))
    concerned = _held(session, _in_conversation(case.account_id, case.conversation_id))
    if muted(session, case.account_id, [case.conversation_id]):
        raise AlreadyDone(_("This conversation is muted already."))
    session.add(
        MutedConversation(
            account_id=case.account_id,
            conversation_id=case.conversation_id,
            muted_at=clock.now(),
            muted_by_id=by.id or 0,
        )
    )
    history.record(case, MUTED, by=by.id)
    _silence(concerned, MUTED)


def unmute(session: Session, account_id: int, conversation_id: str, *, by: Agent) -> None:
    """It is heard again, and what was written in it meanwhile waits for an answer."""
    found = _mute(session, account_id, conversation_id)
    if found is None:
        raise AlreadyDone(_("This conversation is not muted."))
    session.delete(found)
    _hear_again(session, _in_conversation(account_id, conversation_id), found.muted_at, "unmuted", by)


def mute_of(session: Session, case: Case) -> MutedConversation | None:
    """Who has muted the case's conversation, and when; None when nobody has."""
    if case.conversation_id is None:
        return None
    return _mute(session, case.account_id, case.conversation_id)


def find_mute(session: Session, mute_id: int) -> MutedConversation:
    """Raises NotFound."""
    found = session.get(MutedConversation, mute_id)
    if found is None:
        raise NotFound(_("That conversation is not muted any more."))
    return found


def blocked_people(session: Session) -> Sequence[Customer]:
    """Whom somebody has blocked, the last one first."""
    query = select(Customer).where(col(Customer.blocked_at).is_not(None))
    return session.exec(query.order_by(col(Customer.blocked_at).desc())).all()


def muted_conversations(session: Session) -> Sequence[MutedConversation]:
    """The last one first."""
    return session.exec(select(MutedConversation).order_by(col(MutedConversation.muted_at).desc())).all()


def a_case_of(session: Session, customer: Customer) -> Case | None:
    """The case in which he wrote last, to see what he was blocked for."""
    return _latest(session, col(Case.customer_id) == customer.id)


def a_case_in(session: Session, mute: MutedConversation) -> Case | None:
    """The case of the conversation in which something was written last."""
    return _latest(session, _in_conversation(mute.account_id, mute.conversation_id))


def _latest(session: Session, which: Any) -> Case | None:
    query = select(Case).where(which, col(Case.merged_into_id).is_(None))
    return session.exec(query.order_by(col(Case.last_message_at).desc()).limit(1)).first()


def _mute(session: Session, account_id: int, conversation_id: str) -> MutedConversation | None:
    return session.exec(
        select(MutedConversation).where(
            MutedConversation.account_id == account_id, MutedConversation.conversation_id == conversation_id
        )
    ).first()


def _in_conversation(account_id: int, conversation_id: str) -> Any:
    return (col(Case.account_id) == account_id) & (col(Case.conversation_id) == conversation_id)


def _held(session: Session, which: Any) -> Sequence[Case]:
    """Those cases, kept from other writers; always in one order, so that nobody waits crosswise."""
    query = select(Case).where(which).order_by(col(Case.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def _silence(concerned: Sequence[Case], why: str) -> None:
    for case in concerned:
        if case.status != Status.RESOLVED:
            case.silence(why)


def _hear_again(session: Session, which: Any, since: datetime, kind: str, by: Agent) -> None:
    """Whatever has been settled since then waits again."""
    for case in _held(session, which & col(Case.merged_into_id).is_(None)):
        statement = update(Message).where(
            col(Message.case_id) == case.id,
            col(Message.direction) == Direction.INBOUND,
            col(Message.settled_at) >= since,
        )
        session.connection().execute(statement.values(settled_at=None))
        history.record(case, kind, by=by.id)
        retell(session, case)
