"""What was set aside so that a reply might go out in spite of it: kept in the history of its case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from socialdesk import history
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.guards import Kind, Objection
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply

_KIND = "guard_overridden"


def record(case: Case, reply: Reply, aside: Sequence[Objection], *, by: Agent, why: str | None) -> None:
    """Once the reply is approved: one that only waits for that has gone nowhere yet."""
    for each in aside:
        history.record(case, _KIND, by=by.id, reply=reply.id, guard=each.kind.value, why=why)


def of_reply(session: Session, reply: Reply) -> set[str]:
    """The kinds of objections in spite of which these very words were approved, in whichever case of the
    customer's that was; that he wants to hear nothing more only if he had said so by then."""
    customer = session.exec(select(Customer).join(Case).where(Case.id == reply.case_id)).one()
    own = select(Case.id).where(Case.customer_id == customer.id)
    query = select(CaseEvent).where(CaseEvent.kind == _KIND, col(CaseEvent.case_id).in_(own))
    told = [event for event in session.exec(query) if event.details.get("reply") == reply.id]
    kinds = {event.details["guard"] for event in told}
    if customer.opted_out_at and all(event.at < customer.opted_out_at for event in told):
        kinds.discard(Kind.OPTED_OUT)
    return kinds
