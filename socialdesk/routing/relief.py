"""What waits with somebody whose shift is over goes back to all, when the settings say after how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, select

from socialdesk import cases, clock, counts, history, hours, replies
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.people.agents import Agent
from socialdesk.replies import UNDER_WAY
from socialdesk.routing import shifts
from socialdesk.routing.past import SHIFT_OVER
from socialdesk.routing.shifts import Roster
from socialdesk.settings.sections import Routing
from socialdesk.worklists.urgency import WAITING

MOST_AT_A_TIME = 50


def give_back(database: Database, routing: Routing) -> int:
    """How many cases went back to all."""
    if routing.method == "off" or not routing.off_shift_minutes:
        return 0
    with database.reading() as session:
        gone = [
            agent_id for agent_id, roster in shifts.of_everybody(session).items() if _gone(roster, routing)
        ]
        left = _left_with(session, gone) if gone else []
    return sum(_release(database, case_id, agent_id) for case_id, agent_id in left)


def _gone(roster: Roster, routing: Routing) -> bool:
    """Whether he has shifts, and none of them ran for so long."""
    now = clock.now()
    since = now - timedelta(minutes=routing.off_shift_minutes)
    calendar = roster.calendar
    return calendar is not None and not shifts.is_on(calendar, now) and not _ran(calendar, since, now)


def _ran(calendar: hours.Calendar, since: datetime, until: datetime) -> bool:
    return hours.open_seconds(calendar, since, until) > 0


def _left_with(session: Session, agent_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Waiting cases of theirs with nothing on its way, and whose each is."""
    query = select(Case.id, Case.assignee_id).where(
        WAITING, col(Case.assignee_id).in_(agent_ids), col(Case.snoozed_until).is_(None)
    )
    rows = session.exec(query.order_by(col(Case.waiting_since), col(Case.id)).limit(MOST_AT_A_TIME)).all()
    found = [(case_id, agent_id) for case_id, agent_id in rows if case_id and agent_id]
    states = replies.unsent(session, [case_id for case_id, _ in found])
    return [(case_id, agent_id) for case_id, agent_id in found if states.get(case_id) not in UNDER_WAY]


def _release(database: Database, case_id: int, agent_id: int) -> bool:
    """Unless it is somebody else's meanwhile, or answered."""
    statement = (
        update(Case)
        .where(
            col(Case.id) == case_id,
            col(Case.assignee_id) == agent_id,
            col(Case.status) == Status.WAITING,
            col(Case.snoozed_until).is_(None),
        )
        .values(assignee_id=None)
        .execution_options(synchronize_session=False)
    )
    with database.transaction() as session:
        result = session.connection().execute(statement)
        assert isinstance(result, CursorResult)
        if result.rowcount != 1:
            return False
        case, name = cases.find(session, case_id), session.get_one(Agent, agent_id).name
        counts.moved(
            session,
            counts.keys_of_case(
                lambda column: agent_id if column == "assignee_id" else getattr(case, column)
            ),
            counts.keys_of_case(lambda column: getattr(case, column)),
        )
        history.record(case, "assigned", because=SHIFT_OVER, agent=agent_id, name=name)
    return True
