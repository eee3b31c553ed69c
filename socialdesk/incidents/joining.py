"""Which cases belong to an incident: those of the wave, late ones, and those that people choose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from socialdesk import cases, clock, history
from socialdesk.automation import conditions
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.history import CaseEvent
from socialdesk.incidents import incidents, taking_back
from socialdesk.incidents.incidents import JOINED, How, Incident, IncidentCase
from socialdesk.messages import Direction, Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

LEFT = "incident_left"
MOST_AT_A_TIME = 500
MOST_SHOWN = 200


def alike(
    session: Session,
    *,
    account_id: int,
    topic: str | None,
    languages: Collection[str],
    words: Sequence[str],
    since: datetime,
    most: int = MOST_SHOWN,
) -> list[tuple[Case, Customer]]:
    """Cases that wait for us and are about the same since then, the newest first."""
    query: Any = (
        select(Case, Customer)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .where(*_alike(account_id, topic, languages, since))
        .order_by(col(Case.waiting_since).desc(), col(Case.id).desc())
        .limit(most)
    )
    rows = session.exec(query).all()
    fitting = _with_words(session, [case for case, _ in rows], words, since)
    return [(case, customer) for case, customer in rows if case.id in fitting]


def join(
    session: Session, incident: Incident, case_ids: Collection[int], how: How, *, by: Agent | None
) -> int:
    """Link these cases, those left out that are linked or of another account; returns how many are new."""
    known = _known(session, incident)
    held = [cases.hold(session, case_id) for case_id in sorted(set(case_ids) - known)]
    fresh = [each for each in held if each.account_id == incident.account_id and not each.merged_into_id]
    now = clock.now()
    for case in fresh:
        row = IncidentCase(
            incident_id=incident.id or 0,
            case_id=case.id or 0,
            how=how,
            joined_at=now,
            by_id=by.id if by else None,
        )
        session.add(row)
        told: dict[str, Any] = {"incident": incident.id, "name": incident.name, "how": str(how)}
        history.record(case, JOINED, by=by.id if by else None, **told)
    return len(fresh)


def leave_out(session: Session, incident: Incident, case_ids: Collection[int], *, by: Agent) -> None:
    """About the same, and yet of something else: no rule joins them."""
    now = clock.now()
    query = select(Case.id).where(col(Case.id).in_(case_ids), Case.account_id == incident.account_id)
    for case_id in sorted(each or 0 for each in session.exec(query)):
        row = IncidentCase(incident_id=incident.id or 0, case_id=case_id, how=How.HAND, joined_at=now)
        row.by_id = row.taken_out_by_id = by.id
        row.taken_out_at = now
        session.add(row)


def join_late(database: Database) -> int:
    """Link to each open incident what is about the same and came since; returns how many joined."""
    with database.reading() as session:
        found = {each.id or 0: _late(session, each) for each in incidents.open_ones(session)}
    joined = 0
    for incident_id, case_ids in found.items():
        if not case_ids:
            continue
        with database.transaction() as session:
            try:
                incident = incidents.hold(session, incident_id)
            except AlreadyDone:
                continue
            joined += join(session, incident, case_ids, How.RULE, by=None)
    return joined


def add(session: Session, incident_id: int, case_id: int, *, by: Agent) -> None:
    """A case by its number, taken out or not. Raises NotFound, NotAllowed, AlreadyDone, BadInput."""
    incidents.refuse_others(by)
    incident, case = incidents.hold(session, incident_id), cases.hold(session, case_id)
    if case.account_id != incident.account_id:
        raise NotFound(_("There is no case %(number)s.", number=case_id))
    if into := case.merged_into_id:
        raise BadInput(_("It was merged into case %(number)s.", number=into))
    row = session.get(IncidentCase, (incident_id, case_id))
    if row is None:
        join(session, incident, [case_id], How.HAND, by=by)
        return
    if row.taken_out_at is None:
        raise AlreadyDone(_("Case %(number)s belongs to this incident already.", number=case_id))
    row.taken_out_at = row.taken_out_by_id = None
    row.how, row.joined_at, row.by_id = How.HAND, clock.now(), by.id
    history.record(case, JOINED, by=by.id, incident=incident.id, name=incident.name)


def take_out(session: Session, incident_id: int, case_id: int, *, by: Agent) -> Incident:
    """For good: no rule joins it again. Raises NotFound, AlreadyDone."""
    incident, case = incidents.hold(session, incident_id), cases.hold(session, case_id)
    row = session.get(IncidentCase, (incident_id, case_id))
    if row is None or row.taken_out_at:
        told = _("Case %(number)s does not belong to this incident any more.", number=case_id)
        raise AlreadyDone(told)
    row.taken_out_at, row.taken_out_by_id = clock.now(), by.id
    taking_back.unsent(session, incident, case_id=case_id)
    history.record(case, LEFT, by=by.id, incident=incident.id, name=incident.name)
    return incident


def of_case(session: Session, case_id: int, events: Sequence[CaseEvent]) -> Incident | None:
    """The open incident that it belongs to; nothing is asked of a case that never joined one."""
    if not any(each.kind == JOINED for each in events):
        return None
    return incidents.of_cases(session, [case_id]).get(case_id)


def linked(incident_id: int) -> Any:
    """As a condition of a query on IncidentCase: those that belong to it now."""
    return (col(IncidentCase.incident_id) == incident_id) & col(IncidentCase.taken_out_at).is_(None)


def _known(session: Session, incident: Incident) -> set[int]:
    """Those that were taken out, too."""
    query = select(IncidentCase.case_id).where(IncidentCase.incident_id == incident.id)
    return set(session.exec(query))


def _late(session: Session, incident: Incident) -> list[int]:
    there = select(IncidentCase.case_id).where(
        IncidentCase.incident_id == incident.id, IncidentCase.case_id == Case.id
    )
    about = _alike(incident.account_id, incident.topic, incident.tongues, incident.begins_at)
    query = select(Case).where(*about, ~there.exists())
    newest = query.order_by(col(Case.waiting_since).desc(), col(Case.id).desc())
    found = session.exec(newest.limit(MOST_AT_A_TIME)).all()
    return sorted(_with_words(session, found, incident.any_words, incident.begins_at))


def _alike(account_id: int, topic: str | None, languages: Collection[str], since: datetime) -> list[Any]:
    wanted: list[Any] = [
        Case.status == Status.WAITING,
        Case.account_id == account_id,
        col(Case.waiting_since) >= since,
        col(Case.merged_into_id).is_(None),
    ]
    if topic:
        wanted.append(Case.topic == topic)
    if languages:
        wanted.append(col(Case.language).in_(list(languages)))
    return wanted


def _with_words(session: Session, found: Sequence[Case], words: Sequence[str], since: datetime) -> set[int]:
    """Those in which the customer has used one of the words since; all of them where none are asked for."""
    ids = [case.id or 0 for case in found]
    if not words or not ids:
        return set(ids)
    query = select(Message.case_id, Message.text).where(
        col(Message.case_id).in_(ids),
        Message.direction == Direction.INBOUND,
        col(Message.sent_at) >= since,
    )
    return {case_id for case_id, said in session.exec(query) if conditions.any_of(words, said) is not None}


def counted(session: Session, incident_ids: Collection[int]) -> dict[int, int]:
    """By incident, how many cases belong to it."""
    query = select(IncidentCase.incident_id, func.count()).where(
        col(IncidentCase.incident_id).in_(incident_ids), col(IncidentCase.taken_out_at).is_(None)
    )
    return dict(session.exec(query.group_by(col(IncidentCase.incident_id))).all())
