"""The step of the holding replies: one for each customer of an incident who is owed one, spaced out.

Each in a transaction of its own, in which the incident is held: so the pace holds however many processes try.
X is never asked here: what may go is approved, and leaves by the outbox after what people wrote.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog
from sqlmodel import Session, col, select

from socialdesk import audit, cases, clock, customers, history, messages
from socialdesk.accounts import Account
from socialdesk.automation import answering, leaving, occasions, runs
from socialdesk.automation.answering import Answer, Mandate
from socialdesk.automation.occasions import Occasion
from socialdesk.automation.runs import Did
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, DeskError, NotFound
from socialdesk.figures import whose
from socialdesk.incidents import incidents, spacing, taking_back, variants
from socialdesk.incidents.incidents import Became, HoldingReply, Incident, IncidentCase
from socialdesk.incidents.joining import linked
from socialdesk.languages import LANGUAGES
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.settings import Settings
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

log = structlog.get_logger()

HELD = "incident_held"
_UNSPOKEN = mark("There are no templates in the customer's language.")


def run(database: Database, library: Library, settings: Settings) -> int:
    """One pass over the open incidents; returns for how many cases something was decided."""
    with database.reading() as session:
        sending = [each.id or 0 for each in incidents.open_ones(session) if each.sends]
    return sum(_of_one(database, each, library, settings) for each in sending)


def stop(session: Session, incident_id: int, *, by: Agent) -> int:
    """At once: what has not left is taken back; returns how many. Raises NotAllowed, AlreadyDone."""
    incidents.refuse_others(by)
    incident = incidents.hold(session, incident_id)
    if not incident.sends:
        raise AlreadyDone(_("No holding replies are going out."))
    incident.stopped_at, incident.stopped_by_id = clock.now(), by.id
    session.add(incident)
    number = taking_back.unsent(session, incident)
    audit.record(session, "incident_stopped", by=by.id, subject=incident.name, incident=incident.id)
    return number


def name_of(incident: Incident) -> str:
    """What its replies are known by; no rule can be called so."""
    return f"{whose.OF_INCIDENT}{incident.id}"


def _of_one(database: Database, incident_id: int, library: Library, settings: Settings) -> int:
    return spacing.one_by_one(partial(_hold_next, database, incident_id, library, settings))


def _hold_next(database: Database, incident_id: int, library: Library, settings: Settings) -> bool:
    """False when there is nobody, it is too early, or another process was faster."""
    with database.transaction() as session:
        incident = incidents.hold(session, incident_id)
        at = spacing.free_at(session, incident, HoldingReply, settings) if incident.sends else None
        case_id = _next_owed(session, incident) if at else None
        if at is None or case_id is None:
            return False
        case = cases.find(session, case_id)
        try:
            with session.begin_nested():
                done = _hold(session, incident, occasion(session, case_id), at, library, settings)
        except DeskError as error:  # one case in which something is wrong keeps no other from its own
            log.error("no holding reply", incident=incident_id, case=case_id, why=str(error))
            done = Answer(Did.LEFT, str(error))
        if done is None or not spacing.write_down(session, HoldingReply, incident, case, at, done):
            session.rollback()
            return False
        told = {"incident": incident.id, "name": incident.name, "did": done.did, "because": done.why}
        history.record(case, HELD, **told)  # type: ignore[arg-type]
    log.info("a holding reply", incident=incident_id, case=case_id, became=done.did)
    return True


def _next_owed(session: Session, incident: Incident) -> int | None:
    """The case that waits longest and about which nothing was decided."""
    decided = select(HoldingReply.id).where(
        HoldingReply.incident_id == incident.id, HoldingReply.case_id == Case.id
    )
    query = (
        select(Case.id)
        .join(IncidentCase, col(IncidentCase.case_id) == Case.id)
        .where(
            linked(incident.id or 0),
            Case.status == Status.WAITING,
            col(Case.merged_into_id).is_(None),
            ~decided.exists(),
        )
    )
    return session.exec(query.order_by(col(Case.waiting_since), col(Case.id)).limit(1)).first()


def occasion(session: Session, case_id: int) -> Occasion:
    """With its case held, the customer before it as the intake does."""
    customer = customers.hold(session, cases.find(session, case_id).customer_id)
    case = cases.hold(session, case_id)
    message = messages.newest_from_customer(session, case_id)
    if message is None:
        raise NotFound(_("There is nothing of the customer's in this case to answer."))
    account = session.get_one(Account, case.account_id)
    matter = occasions.matter_of(case, message, customer, account, first_contact=False)
    return Occasion(case, message, customer, matter)


def _hold(
    session: Session,
    incident: Incident,
    occasion: Occasion,
    at: datetime,
    library: Library,
    settings: Settings,
) -> Answer | None:
    """None when another process was faster."""
    number = occasions.interaction(session, occasion.case_id)
    done = _answer(session, incident, occasion, number, library, settings)
    session.flush()
    if done.did == Did.SENT and not _claim_interaction(session, incident, occasion, number, done):
        return None
    if done.did == Did.SENT and done.reply and done.reply.due_at:
        done.reply.due_at += at - clock.now()
    return done


def _answer(
    session: Session,
    incident: Incident,
    occasion: Occasion,
    interaction: int,
    library: Library,
    settings: Settings,
) -> Answer:
    if _told_elsewhere(session, incident, occasion):
        return Answer(Did.LEFT, mark("The customer has had this incident's holding reply in another case."))
    mandate = Mandate(
        name_of(incident), incident.template or "", sends=True, answers=False, unfit=partial(_unfit, incident)
    )
    return answering.answer(
        session,
        mandate,
        occasion,
        interaction,
        by=session.get_one(Agent, incident.approved_by_id),
        library=library,
        settings=settings,
        words=leaving.words(settings),
    )


def _unfit(incident: Incident, _session: Session, library: Library, key: Key) -> str | None:
    if key.language not in LANGUAGES:
        return _UNSPOKEN
    return None if variants.is_approved(incident, library, key) else spacing.CHANGED


def _told_elsewhere(session: Session, incident: Incident, occasion: Occasion) -> bool:
    query = select(HoldingReply.id).where(
        HoldingReply.incident_id == incident.id,
        HoldingReply.customer_id == occasion.customer.id,
        col(HoldingReply.did).in_((Became.SENT, Became.PROPOSED)),
    )
    return session.exec(query).first() is not None


def _claim_interaction(
    session: Session, incident: Incident, occasion: Occasion, interaction: int, done: Answer
) -> bool:
    """It is the one automated reply of this interaction, as if a rule had written it."""
    run_id = runs.claim(
        session,
        rule_id=name_of(incident),
        case_id=occasion.case_id,
        message_id=occasion.message.id,
        interaction=interaction,
        did=Did.SENT.value,
        why=incident.name,
        wrote_at=occasion.message.sent_at,
        reply_id=done.reply.id if done.reply else None,
    )
    return run_id is not None
