"""How an incident's replies are spaced out: so many in a minute, and no more than leave in one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.incidents.incidents import Became, ClosingReply, HoldingReply, Incident
from socialdesk.replies import Reply, State
from socialdesk.settings import Settings

EVERY = timedelta(seconds=5)
MOST_AT_A_TIME = 20


def free_at(
    session: Session, incident: Incident, kept: type[HoldingReply] | type[ClosingReply], settings: Settings
) -> datetime | None:
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
