"""What a case's own past says of whom it should go to: who had it, and who has handed it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.history import CaseEvent
from socialdesk.routing.choosing import Matter
from socialdesk.settings.sections import Routing

SHIFT_OVER = "shift_over"  # why a case was taken from whoever has gone
_MOST_LOOKED_AT = 20


def matter(session: Session, case: Case, routing: Routing) -> Matter:
    """The case as it is to be routed: two statements."""
    assigned = _assignments(session, case.id or 0)
    since = clock.now() - routing.again
    back = {each.agent_id for each in assigned if each.agent_id and each.at > since and _releases(each)}
    before = _taken_from(assigned) or _last_with(session, case)
    return Matter(case.account_id, case.language, before, frozenset(back))


def _assignments(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """The newest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.kind == "assigned")
    return session.exec(query.order_by(col(CaseEvent.id).desc()).limit(_MOST_LOOKED_AT)).all()


def _releases(event: CaseEvent) -> bool:
    return "to" not in event.details


def _taken_from(assigned: Iterable[CaseEvent]) -> int | None:
    """Who had it until his shift was over, if that was the last that happened to it."""
    newest = next(iter(assigned), None)
    if newest is None or newest.details.get("because") != SHIFT_OVER:
        return None
    agent: int = newest.details["agent"]
    return agent


def _last_with(session: Session, case: Case) -> int | None:
    """Who has, or had, the customer's last other case with this account."""
    query = select(Case.assignee_id).where(
        Case.customer_id == case.customer_id,
        Case.account_id == case.account_id,
        col(Case.id) != case.id,
        col(Case.assignee_id).is_not(None),
    )
    return session.exec(query.order_by(col(Case.id).desc()).limit(1)).first()
