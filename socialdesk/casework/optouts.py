"""Customers who want to hear nothing more from us: nothing automated goes to them (X's automation rules)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from socialdesk import clock, customers, history
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _


def opt_out(session: Session, customer: Customer, *, by: Agent | None = None) -> None:
    """Without `by` it was the customer's own word that was understood. Raises AlreadyDone."""
    held = customers.hold(session, customer.id or 0)
    if held.opted_out_at:
        raise AlreadyDone(_("%(name)s has opted out already.", name=held.shown))
    held.opted_out_at = clock.now()
    session.add(held)
    _tell(session, held, "opted_out", by)


def opt_in(session: Session, customer: Customer, *, by: Agent) -> None:
    """He has asked to be written to again. Raises AlreadyDone."""
    held = customers.hold(session, customer.id or 0)
    if held.opted_out_at is None:
        raise AlreadyDone(_("%(name)s has not opted out.", name=held.shown))
    held.opted_out_at = None
    session.add(held)
    _tell(session, held, "opted_in", by)


def _tell(session: Session, customer: Customer, kind: str, by: Agent | None) -> None:
    """In the case that he wrote in last, on each of our accounts."""
    told: set[int] = set()
    query = select(Case).where(Case.customer_id == customer.id, col(Case.merged_into_id).is_(None))
    for case in session.exec(query.order_by(col(Case.last_message_at).desc(), col(Case.id).desc())):
        if case.account_id not in told:
            told.add(case.account_id)
            history.record(case, kind, by=by.id if by else None)
