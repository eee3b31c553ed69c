"""How an incident's replies go out: one for each case, so many in a minute, and no more than leave in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.automation.answering import Answer
from socialdesk.automation.runs import Did
from socialdesk.cases import Case
from socialdesk.incidents.incidents import Became, ClosingReply, HoldingReply, Incident
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State
from socialdesk.settings import Settings

EVERY = timedelta(seconds=5)
MOST_AT_A_TIME = 20
CHANGED = mark("The words have changed since they were approved for the incident.")
BECAME = {Did.SENT: Became.SENT, Did.PROPOSED: Became.PROPOSED, Did.LEFT: Became.LEFT}

Kept = type[HoldingReply] | type[ClosingReply]


def one_by_one(decide_next: Callable[[], bool]) -> int:
    """For how many cases something was decided before there was nobody left, or it was too early."""
    for done in range(MOST_AT_A_TIME):
        if not decide_next():
            return done
    return MOST_AT_A_TIME


def free_at(session: Session, incident: Incident, kept: Kept, settings: Settings) -> datetime | None:
    """When the next one may leave; None when that is not soon, or enough of them wait to leave."""
    mine = (col(kept.incident_id) == incident.id) & (col(kept.did) == Became.SENT)
    last = session.exec(select(func.max(kept.at)).where(mine)).one()
    waiting = select(func.count()).select_from(kept).join(Reply, col(Reply.id) == kept.reply_id)
    number = session.exec(waiting.where(mine, Reply.state == State.APPROVED)).one()
    if number >= settings.incidents.per_minute:
        return None
    now = clock.now()
    at = max(now, last + settings.incidents.apart) if last else now
    return at if at < now + EVERY else None


def write_down(
    session: Session, kept: Kept, incident: Incident, case: Case, at: datetime, done: Answer
) -> bool:
    """The row that only one process can write; False when another has."""
    connection = session.connection()
    dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {
        "incident_id": incident.id,
        "case_id": case.id,
        "customer_id": case.customer_id,
        "did": BECAME[done.did].value,
        "why": done.why,
        "at": at,
        "reply_id": done.reply.id if done.reply else None,
    }
    statement = dialect(kept).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(col(kept.id))).scalar() is not None
