"""Holding replies not on X yet, taken back: the incident was stopped or closed, or a case left it."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import Session, col, select

from socialdesk import cases, replies
from socialdesk.automation.runs import RuleRun
from socialdesk.incidents.incidents import Became, HoldingReply, Incident
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State

WHY = mark("The incident's holding replies were stopped before this one left.")
_NOT_AWAY = (State.DRAFT, State.APPROVED)


def unsent(session: Session, incident: Incident, *, case_id: int | None = None) -> int:
    """What has not begun to leave, with a `case_id` only that case's; returns how many. What X has, X has."""
    query = (
        select(HoldingReply, Reply)
        .join(Reply, col(Reply.id) == HoldingReply.reply_id)
        .where(
            HoldingReply.incident_id == incident.id,
            col(Reply.state).in_(_NOT_AWAY),
            col(Reply.by_rule).is_not(None),
            col(Reply.x_id).is_(None),
        )
        .order_by(col(HoldingReply.case_id))
    )
    if case_id is not None:
        query = query.where(HoldingReply.case_id == case_id)
    return sum(_take_back(session, row, reply) for row, reply in session.exec(query).all())


def _take_back(session: Session, row: HoldingReply, reply: Reply) -> bool:
    case = cases.hold(session, reply.case_id)
    if not replies.move(session, reply, State.CANCELLED, since=_NOT_AWAY, trouble=WHY, due_at=None):
        return False
    case.reply_moved(reply.id or 0, State.CANCELLED, why=WHY)
    row.did, row.why = Became.TAKEN_BACK, None
    session.connection().execute(delete(RuleRun).where(col(RuleRun.reply_id) == reply.id))
    return True
