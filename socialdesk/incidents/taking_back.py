"""Holding replies not on X yet, taken back: the incident was stopped or closed, or a case left it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from socialdesk import cases, replies
from socialdesk.automation.runs import RuleRun
from socialdesk.incidents.incidents import Became, ClosingReply, HoldingReply, Incident
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State

WHY = mark("The incident's holding replies were stopped before this one left.")
WHY_FINAL = mark("The incident's closing replies were stopped before this one left.")
_NOT_AWAY = (State.DRAFT, State.APPROVED)


def unsent(session: Session, incident: Incident, *, case_id: int | None = None) -> int:
    """What has not begun to leave, with a `case_id` only that case's; returns how many. What X has, X has."""
    query = _unsent(HoldingReply, incident)
    if case_id is not None:
        query = query.where(HoldingReply.case_id == case_id)
    return sum(_take_back(session, row, reply, WHY) for row, reply in session.exec(query).all())


def unsent_finals(session: Session, incident: Incident) -> int:
    """The same of the closing replies."""
    rows = session.exec(_unsent(ClosingReply, incident)).all()
    return sum(_take_back(session, row, reply, WHY_FINAL) for row, reply in rows)


def _unsent(kept: type[HoldingReply] | type[ClosingReply], incident: Incident) -> Any:
    return (
        select(kept, Reply)
        .join(Reply, col(Reply.id) == kept.reply_id)
        .where(
            kept.incident_id == incident.id,
            col(Reply.state).in_(_NOT_AWAY),
            col(Reply.by_rule).is_not(None),
            col(Reply.x_id).is_(None),
        )
        .order_by(col(kept.case_id))
    )


def _take_back(session: Session, row: HoldingReply | ClosingReply, reply: Reply, why: str) -> bool:
    case = cases.hold(session, reply.case_id)
    if not replies.move(session, reply, State.CANCELLED, since=_NOT_AWAY, trouble=why, due_at=None):
        return False
    case.reply_moved(reply.id or 0, State.CANCELLED, why=why)
    row.did, row.why = Became.TAKEN_BACK, None
    session.connection().execute(delete(RuleRun).where(col(RuleRun.reply_id) == reply.id))
    return True
