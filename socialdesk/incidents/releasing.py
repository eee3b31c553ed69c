"""The end of an incident: its cases go back to the queue or are resolved, and who was held may be told.

Closing is one deed; the cases are let go by the worker, each in a transaction of its own, so that an end of
thousands of cases goes on where it stopped. Where who was held is told (finals.py), a case is let go once its
closing reply is on X, or it is known why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, select

from socialdesk import audit, cases, clock, customers, replies
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing
from socialdesk.database import Database
from socialdesk.errors import DeskError
from socialdesk.incidents import finals, incidents, taking_back, variants
from socialdesk.incidents.incidents import Became, Ending, HoldingReply, Incident, IncidentCase
from socialdesk.incidents.joining import linked
from socialdesk.incidents.variants import Reading
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.settings import Settings

log = structlog.get_logger()

MOST_AT_A_TIME = 100
PARKED = timedelta(days=30)  # at most; whoever writes again, or the end, brings a case back before


@dataclass(frozen=True, slots=True)
class Outlook:
    """What closing would do: to how many cases, and how many would be told."""

    to_resolve: int
    to_stay: int
    to_tell: int


def foresee(session: Session, incident: Incident) -> Outlook:
    """`to_stay` stay in the queue whatever is chosen: their customers wait for more than was said."""
    rows = session.exec(_open_cases(incident)).all()
    states = replies.unsent(session, [case.id or 0 for case, _ in rows])
    may_end = [case for case, held in rows if _may_end(case, held, states.get(case.id or 0))]
    told = [case for case, held in rows if case.status == Status.WAITING and _has_our_word(case, held)]
    return Outlook(len(may_end), len(rows) - len(may_end), len(told))


def close(
    session: Session, incident_id: int, *, ending: Ending, by: Agent, final: Reading | None = None
) -> Incident:
    """No case joins any more, no holding reply leaves; `final` is the closing reply that who was held gets.

    Raises NotAllowed, NotFound, AlreadyDone, BadInput.
    """
    incidents.refuse_others(by)
    incident = incidents.hold(session, incident_id)
    taking_back.unsent(session, incident)
    incident.closed_at, incident.closed_by_id = clock.now(), by.id
    incident.ending, incident.final = ending, final is not None
    session.add(incident)
    told: dict[str, Any] = {"incident": incident.id, "ending": ending.value, "final": incident.final}
    if final:
        told |= {"template": final.template, "read": variants.approve_final(session, incident, final)}
    audit.record(session, "incident_closed", by=by.id, subject=incident.name, **told)
    return incident


def park(database: Database, settings: Settings) -> int:
    """Put aside the cases whose holding reply is on X; returns how many."""
    if not settings.incidents.park:
        return 0
    with database.reading() as session:
        due = [(row.incident_id, row.case_id) for row in session.exec(_to_park()).all()]
    return sum(_park(database, incident_id, case_id) for incident_id, case_id in due)


def release(database: Database) -> int:
    """Let go what closed incidents still hold; returns how many cases."""
    with database.reading() as session:
        query = (
            select(IncidentCase.incident_id, IncidentCase.case_id)
            .join(Incident, col(Incident.id) == IncidentCase.incident_id)
            .join(Case, col(Case.id) == IncidentCase.case_id)
            .where(
                col(Incident.closed_at).is_not(None),
                col(IncidentCase.taken_out_at).is_(None),
                col(IncidentCase.released_at).is_(None),
                finals.settled(),
            )
        )
        due = session.exec(query.order_by(col(IncidentCase.case_id)).limit(MOST_AT_A_TIME)).all()
    return sum(_release(database, *each) for each in due)


def _open_cases(incident: Incident) -> Any:
    """The incident's cases that are not resolved, with the holding reply that is on X."""
    sent = (
        (col(HoldingReply.case_id) == IncidentCase.case_id)
        & (col(HoldingReply.incident_id) == incident.id)
        & (col(HoldingReply.did).in_((Became.SENT, Became.PROPOSED)))
    )
    return (
        select(Case, Reply)
        .join(IncidentCase, col(IncidentCase.case_id) == Case.id)
        .outerjoin(HoldingReply, sent)
        .outerjoin(Reply, (col(Reply.id) == HoldingReply.reply_id) & (col(Reply.state) == State.SENT))
        .where(linked(incident.id or 0), Case.status != Status.RESOLVED, col(Case.merged_into_id).is_(None))
    )


def _may_end(case: Case, held: Reply | None, state: str | None) -> bool:
    """Whether the customer has had our word and has not written since, and nothing of ours is under way."""
    if state is not None and state != State.HELD:
        return False
    return _has_our_word(case, held)


def _has_our_word(case: Case, held: Reply | None) -> bool:
    return held is not None and held.sent_at is not None and case.customer_wrote_at <= held.sent_at


def _to_park() -> Any:
    return (
        select(IncidentCase)
        .join(Incident, col(Incident.id) == IncidentCase.incident_id)
        .join(Case, col(Case.id) == IncidentCase.case_id)
        .join(
            HoldingReply,
            (col(HoldingReply.incident_id) == IncidentCase.incident_id)
            & (col(HoldingReply.case_id) == IncidentCase.case_id),
        )
        .join(Reply, col(Reply.id) == HoldingReply.reply_id)
        .where(
            col(Incident.closed_at).is_(None),
            col(IncidentCase.taken_out_at).is_(None),
            col(IncidentCase.parked_at).is_(None),
            Reply.state == State.SENT,
            Case.status == Status.WAITING,
            col(Case.snoozed_until).is_(None),
            col(Case.customer_wrote_at) <= Reply.sent_at,
        )
        .limit(MOST_AT_A_TIME)
    )


def _park(database: Database, incident_id: int, case_id: int) -> bool:
    with database.transaction() as session:
        case, incident = cases.hold(session, case_id), incidents.find(session, incident_id)
        row = session.get_one(IncidentCase, (incident_id, case_id), populate_existing=True)
        if row.parked_at or case.status != Status.WAITING or case.snoozed_until:
            return False
        by = session.get_one(Agent, incident.approved_by_id)
        snoozing.snooze(case, clock.now() + PARKED, by=by)
        row.parked_at = case.snoozed_at
    return True


def _release(database: Database, incident_id: int, case_id: int) -> bool:
    """One case in which something is wrong does not keep the others."""
    try:
        with database.transaction() as session:
            return _let_go(session, incident_id, case_id)
    except DeskError as error:
        log.error("a case could not be let go", incident=incident_id, case=case_id, why=str(error))
        return False


def _let_go(session: Session, incident_id: int, case_id: int) -> bool:
    incident = incidents.find(session, incident_id)
    customers.hold(session, cases.find(session, case_id).customer_id)
    case = cases.hold(session, case_id)
    row = session.get_one(IncidentCase, (incident_id, case_id), populate_existing=True)
    if row.released_at:
        return False
    row.released_at = clock.now()
    by = session.get_one(Agent, incident.closed_by_id)
    if case.snoozed_until and row.parked_at and case.snoozed_at == row.parked_at:
        snoozing.wake(case, by=by)
    found = session.exec(_open_cases(incident).where(Case.id == case_id)).first()
    if found is None:
        return True
    held = found[1]
    ends = incident.ending == Ending.RESOLVE
    ends = ends and _may_end(case, held, replies.unsent(session, [case_id]).get(case_id))
    if ends:
        case.resolve(by=by)
    return True
