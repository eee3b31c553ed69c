"""The step of the closing replies: who was held by an incident hears that it is over, spaced out.

It is no automated reply: X allows one in an interaction, and that was the holding reply. A supervisor has
read the drawn texts and lets it go for the customers that closing named; each is written, signed and approved
in her name, and everything that stands against a person's reply stands against it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from socialdesk import audit, cases, clock, history
from socialdesk.automation import answering, leaving
from socialdesk.automation.answering import Answer, Mandate
from socialdesk.automation.occasions import Occasion
from socialdesk.automation.runs import Did
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, DeskError
from socialdesk.incidents import holding, incidents, spacing, taking_back, variants
from socialdesk.incidents.incidents import Became, ClosingReply, HoldingReply, Incident, IncidentCase
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying import approvals
from socialdesk.replying.approvals import Outcome
from socialdesk.settings import Settings
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

log = structlog.get_logger()

TOLD = "incident_told"
_ANSWERED = mark("The case has been answered otherwise meanwhile.")
_WROTE = mark("The customer has written since the holding reply.")
_ELSEWHERE = mark("The customer has had this incident's closing reply in another case.")
_GUESS = mark("The language is only a guess.")
_SECOND = mark("It waits for a second person.")


def run(database: Database, library: Library, settings: Settings) -> int:
    """One pass over the closed incidents; returns for how many cases something was decided."""
    with database.reading() as session:
        telling = [each for each in session.exec(_telling()) if each is not None]
    return sum(_of_one(database, each, library, settings) for each in telling)


def stop(session: Session, incident_id: int, *, by: Agent) -> int:
    """At once: what has not left is taken back, and the cases are let go without; returns how many.

    Raises NotAllowed, NotFound, AlreadyDone.
    """
    incidents.refuse_others(by)
    incident = _hold(session, incident_id)
    if not incident.tells:
        raise AlreadyDone(_("No closing replies are going out."))
    incident.final_stopped_at = clock.now()
    session.add(incident)
    number = taking_back.unsent_finals(session, incident)
    audit.record(session, "incident_stopped", by=by.id, subject=incident.name, incident=incident.id)
    return number


def held_by(incident_id: Any) -> ColumnElement[bool]:
    """For a query over cases: whether the incident's holding reply is on X in it."""
    there = (
        select(HoldingReply.id)
        .join(Reply, col(Reply.id) == HoldingReply.reply_id)
        .where(
            HoldingReply.incident_id == incident_id,
            HoldingReply.case_id == Case.id,
            col(HoldingReply.did).in_((Became.SENT, Became.PROPOSED)),
            Reply.state == State.SENT,
        )
    )
    return exists(there.correlate(Case, Incident))


def settled() -> ColumnElement[bool]:
    """For a query over cases and incidents: whether no closing reply is to come, or to leave."""
    decided = (
        select(ClosingReply.id)
        .outerjoin(Reply, col(Reply.id) == ClosingReply.reply_id)
        .where(
            ClosingReply.incident_id == Incident.id,
            ClosingReply.case_id == Case.id,
            col(Reply.state).is_(None) | col(Reply.state).not_in(UNDER_WAY),
        )
    )
    no_more = col(Incident.final_versions).is_(None) | col(Incident.final_stopped_at).is_not(None)
    spared = ~held_by(Incident.id) | col(Case.merged_into_id).is_not(None)
    return no_more | spared | exists(decided.correlate(Case, Incident))


def _telling() -> Any:
    return (
        select(Incident.id)
        .join(IncidentCase, col(IncidentCase.incident_id) == Incident.id)
        .where(
            col(Incident.closed_at).is_not(None),
            col(Incident.final_versions).is_not(None),
            col(Incident.final_stopped_at).is_(None),
            col(IncidentCase.released_at).is_(None),
            col(IncidentCase.taken_out_at).is_(None),
        )
        .distinct()
    )


def _hold(session: Session, incident_id: int) -> Incident:
    """Closed or not, kept from other writers."""
    incidents.find(session, incident_id)
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def _of_one(database: Database, incident_id: int, library: Library, settings: Settings) -> int:
    return spacing.one_by_one(partial(_tell_next, database, incident_id, library, settings))


def _tell_next(database: Database, incident_id: int, library: Library, settings: Settings) -> bool:
    """False when there is nobody, it is too early, or another process was faster."""
    with database.transaction() as session:
        incident = _hold(session, incident_id)
        at = spacing.free_at(session, incident, ClosingReply, settings) if incident.tells else None
        case_id = _next_owed(session, incident_id) if at else None
        if at is None or case_id is None:
            return False
        case = cases.find(session, case_id)
        try:
            with session.begin_nested():
                done = _tell(session, incident, holding.occasion(session, case_id), at, library, settings)
        except DeskError as error:  # one case in which something is wrong keeps no other from its own
            log.error("no closing reply", incident=incident_id, case=case_id, why=str(error))
            done = Answer(Did.LEFT, str(error))
        if not spacing.write_down(session, ClosingReply, incident, case, at, done):
            session.rollback()
            return False
        told = {"incident": incident.id, "name": incident.name, "did": done.did, "because": done.why}
        history.record(case, TOLD, **told)  # type: ignore[arg-type]
    log.info("a closing reply", incident=incident_id, case=case_id, became=done.did)
    return True


def _next_owed(session: Session, incident_id: int) -> int | None:
    decided = select(ClosingReply.id).where(
        ClosingReply.incident_id == incident_id, ClosingReply.case_id == Case.id
    )
    query = (
        select(Case.id)
        .join(IncidentCase, col(IncidentCase.case_id) == Case.id)
        .where(
            IncidentCase.incident_id == incident_id,
            col(IncidentCase.released_at).is_(None),
            col(IncidentCase.taken_out_at).is_(None),
            col(Case.merged_into_id).is_(None),
            held_by(incident_id),
            ~decided.exists(),
        )
    )
    return session.exec(query.order_by(col(Case.id)).limit(1)).first()


def _tell(
    session: Session,
    incident: Incident,
    met: Occasion,
    at: datetime,
    library: Library,
    settings: Settings,
) -> Answer:
    if why := _needless(session, incident, met):
        return Answer(Did.LEFT, why)
    by = session.get_one(Agent, incident.closed_by_id)
    template = incident.final_template or ""
    mandate = Mandate(holding.name_of(incident), template, sends=False, answers=True, unfit=lambda *_: None)
    words = leaving.words(settings)
    done = answering.answer(session, mandate, met, 0, by=by, library=library, settings=settings, words=words)
    if done.reply is None:
        return done
    return _let_go(session, incident, met, done.reply, by, at, library, settings)


def _needless(session: Session, incident: Incident, met: Occasion) -> str | None:
    """Why this customer hears nothing: he waits for more than that it is over, or for nothing."""
    if met.case.status != Status.WAITING:
        return _ANSWERED
    query = select(ClosingReply.id).where(
        ClosingReply.incident_id == incident.id,
        ClosingReply.customer_id == met.customer.id,
        col(ClosingReply.did).in_((Became.SENT, Became.PROPOSED)),
    )
    if session.exec(query).first() is not None:
        return _ELSEWHERE
    held = (
        select(Reply.sent_at)
        .join(HoldingReply, col(HoldingReply.reply_id) == Reply.id)
        .where(HoldingReply.incident_id == incident.id, HoldingReply.case_id == met.case_id)
    )
    sent_at = session.exec(held).one()
    return _WROTE if sent_at is None or met.case.customer_wrote_at > sent_at else None


def _let_go(
    session: Session,
    incident: Incident,
    met: Occasion,
    reply: Reply,
    by: Agent,
    at: datetime,
    library: Library,
    settings: Settings,
) -> Answer:
    """Approved by whoever closed the incident; what speaks against it leaves a draft for an agent."""
    key = Key(incident.final_template or "", met.case.language, reply.visibility)
    if not variants.is_final(incident, library, key):
        return Answer(Did.PROPOSED, spacing.CHANGED, reply)
    if not met.case.language_sure:
        return Answer(Did.PROPOSED, _GUESS, reply)
    try:
        outcome = approvals.approve(session, reply, by=by, library=library, settings=settings)
    except DeskError as error:
        return Answer(Did.PROPOSED, str(error), reply)
    if outcome == Outcome.WAITS:
        return Answer(Did.PROPOSED, _SECOND, reply)
    if reply.due_at and reply.approved_at:
        reply.due_at += at - reply.approved_at
    return Answer(Did.SENT, None, reply)
