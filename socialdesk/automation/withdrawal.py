"""What rules have under way for a customer, taken back: he wants none of it, or a person has taken over."""

from __future__ import annotations

from sqlmodel import Session, col, select

from socialdesk import cases, replies
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State

WHY = mark("The customer has asked to hear nothing more from us.")


def take_back(session: Session, customer_id: int) -> int:
    """Cancel drafts of rules, and what has not left yet; returns how many. What X has, X has."""
    query = (
        select(Reply)
        .join(Case, col(Case.id) == Reply.case_id)
        .where(
            Case.customer_id == customer_id,
            col(Reply.by_rule).is_not(None),
            col(Reply.state).in_((State.DRAFT, State.APPROVED)),
            col(Reply.x_id).is_(None),
        )
        .order_by(col(Reply.case_id), col(Reply.id))
    )
    return sum(_cancel(session, reply) for reply in session.exec(query).all())


def of_opted_out(session: Session) -> list[int]:
    """Customers who want to hear nothing more, and for whom something automated is still to leave."""
    query = (
        select(Customer.id)
        .join(Case, col(Case.customer_id) == Customer.id)
        .join(Reply, col(Reply.case_id) == Case.id)
        .where(
            col(Reply.account_id).in_(select(Account.id)),
            Reply.state == State.APPROVED,
            col(Reply.automated),
            col(Customer.opted_out_at).is_not(None),
        )
    )
    return sorted({customer_id for customer_id in session.exec(query) if customer_id})


def _cancel(session: Session, reply: Reply) -> bool:
    case = cases.hold(session, reply.case_id)
    since = (State.DRAFT, State.APPROVED)
    if not replies.move(session, reply, State.CANCELLED, since=since, trouble=WHY, due_at=None):
        return False
    case.reply_moved(reply.id or 0, State.CANCELLED, why=WHY)
    return True
