"""The step of the routing: each waiting case that nobody has goes to somebody, in a transaction of its own.

Whoever routes holds the rosters, so that several processes take turns and nobody is given more than his
limit; that a case is given to one alone, and never taken from whoever has just taken it himself, is the
conditional update's doing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, select

from socialdesk import cases, clock, counts, history, replies
from socialdesk.cases import Case, Status
from socialdesk.counts import CaseCount
from socialdesk.database import Database
from socialdesk.replies import UNDER_WAY
from socialdesk.routing import shifts, staff, stalling
from socialdesk.routing.choosing import Choice, Matter, Stalled, choose
from socialdesk.routing.crew import Crew
from socialdesk.routing.past import matter
from socialdesk.routing.shifts import Roster
from socialdesk.settings.sections import Routing
from socialdesk.worklists import presence, urgency

log = structlog.get_logger()

MOST_AT_A_TIME = 50  # cases that one tick gives
MOST_TOLD = 100  # of one language that one tick tells why they wait


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What one look at the desk has found: cases that somebody could have, most urgent first, and by account
    and language those that nobody can."""

    to_give: Sequence[int]
    to_tell: Sequence[tuple[Stalled, Sequence[int]]]


def run(database: Database, routing: Routing) -> int:
    """One pass; returns how many cases somebody was given."""
    if routing.method == "off":
        return 0
    with database.reading() as session:
        outlook = _look(session, routing)
    crew = Crew(routing)
    given = sum(give(database, case_id, crew) for case_id in outlook.to_give)
    for stalled, case_ids in outlook.to_tell:
        _tell(database, stalled, case_ids)
    return given


def give(database: Database, case_id: int, crew: Crew) -> bool:
    """Whether somebody was given the case. It may be gone meanwhile, or have no more takers."""
    with database.transaction() as session:
        crew.hold(session)
        case = cases.find(session, case_id)
        chosen = choose(crew.people, matter(session, case, crew.routing), crew.routing, clock.now())
        if isinstance(chosen, Stalled):
            if _is_free(case):
                stalling.tell(session, case, chosen)
            return False
        if not _take(session, case_id, chosen.person.agent_id):
            return False
        turn = crew.next_turn
        _record(session, case, chosen, turn)
    crew.gave(chosen.person.agent_id, turn)
    log.info("a case was given", case=case_id, to=chosen.person.agent_id, because=chosen.because.value)
    return True


def _look(session: Session, routing: Routing) -> _Outlook:
    people, now = staff.read(session, routing), clock.now()
    found: list[Case] = []
    to_tell: list[tuple[Stalled, Sequence[int]]] = []
    for account_id, language in _groups(session):
        chosen = choose(people, Matter(account_id, language), routing, now)
        if isinstance(chosen, Stalled):
            untold = stalling.untold(session, account_id, chosen, most=MOST_TOLD)
            to_tell += [(chosen, untold)] if untold else []
        else:
            found += _unassigned(session, account_id, language)
    found.sort(key=_urgency)
    return _Outlook([case.id or 0 for case in _undisturbed(session, found)][:MOST_AT_A_TIME], to_tell)


def _groups(session: Session) -> Sequence[tuple[int, str]]:
    """The accounts and languages in which cases wait, by the kept counts."""
    query = select(CaseCount.account_id, CaseCount.language)
    waiting = query.where(CaseCount.status == counts.WAITING, CaseCount.cases > 0)
    return session.exec(waiting.order_by(col(CaseCount.account_id), col(CaseCount.language))).all()


def _unassigned(session: Session, account_id: int, language: str) -> Sequence[Case]:
    conditions = (
        col(Case.assignee_id).is_(None),
        col(Case.account_id) == account_id,
        col(Case.language) == language,
    )
    return urgency.waiting(session, *conditions, size=MOST_AT_A_TIME)


def _urgency(case: Case) -> tuple[object, ...]:
    """As urgency.order says it: within one part of the list all are due at some time or none is."""
    place = urgency.place_of(case)
    return place.part, place.due_at or place.waiting_since, place.waiting_since, place.case_id


def _undisturbed(session: Session, found: Sequence[Case]) -> list[Case]:
    """Not those whose answer is on its way, nor those in which somebody is writing just now."""
    states = replies.unsent(session, [case.id or 0 for case in found])
    writing = {each.case_id for each in presence.now_there(session) if each.writing}
    return [case for case in found if case.id not in writing and states.get(case.id or 0) not in UNDER_WAY]


def _is_free(case: Case) -> bool:
    return case.status == Status.WAITING and case.assignee_id is None and case.snoozed_until is None


def _take(session: Session, case_id: int, agent_id: int) -> bool:
    """Whether nobody was faster."""
    statement = (
        update(Case)
        .where(
            col(Case.id) == case_id,
            col(Case.assignee_id).is_(None),
            col(Case.status) == Status.WAITING,
            col(Case.snoozed_until).is_(None),
        )
        .values(assignee_id=agent_id)
        .execution_options(synchronize_session=False)
    )
    result = session.connection().execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _record(session: Session, case: Case, chosen: Choice, turn: int) -> None:
    """What was done past the session's objects is counted and told, and whose turn it was is kept."""
    person, now = chosen.person, clock.now()
    session.refresh(case)
    before = {"assignee_id": None}
    counts.moved(
        session,
        counts.keys_of_case(lambda name: before.get(name, getattr(case, name))),
        counts.keys_of_case(lambda name: getattr(case, name)),
    )
    session.exec(update(Roster).where(col(Roster.agent_id) == person.agent_id).values(turn=turn))
    stalling.forget(session, case.id or 0)
    assert person.calendar is not None
    history.record(
        case,
        "assigned",
        to=person.name,
        because=chosen.because.value,
        language=chosen.language,
        until=shifts.ends_at(person.calendar, now).isoformat(),
        zone=person.calendar.zone.key,
        waiting=person.waiting,
    )


def _tell(database: Database, stalled: Stalled, case_ids: Sequence[int]) -> None:
    with database.transaction() as session:
        for case_id in case_ids:
            case = cases.hold(session, case_id)
            if _is_free(case) and case.language == stalled.language:
                stalling.tell(session, case, stalled)
