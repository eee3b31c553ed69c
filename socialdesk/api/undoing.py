"""What has happened to a case, and undoing what was just done to it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import cases, history
from socialdesk.api.cases import Assigner, CaseShown, Reader, now
from socialdesk.api.paging import Cursor, Limit, Page, RowId, after_row, row_before
from socialdesk.api.problems import documented
from socialdesk.casework import undoing
from socialdesk.people.agents import Agent
from socialdesk.people.tokens import Scope
from socialdesk.replying import taking_back

router = APIRouter(tags=["cases"])


class EventShown(BaseModel):
    """One thing that happened to a case; webhooks tell the same by the same id."""

    id: int
    case_id: int
    kind: str = Field(examples=["assigned", "resolved", "reply_sent"])
    at: datetime
    agent_id: int | None = Field(description="Null for the desk itself, and for the customer.")


@router.get("/cases/{case_id}/events", responses=documented(404))
def list_events(caller: Reader, case_id: RowId, cursor: Cursor = None, limit: Limit = 50) -> Page[EventShown]:
    """Oldest first."""
    behind = row_before(cursor) if cursor else 0
    with caller.database.reading() as session:
        cases.find(session, case_id)
        rows = history.page_of_case(session, case_id, after=behind, size=limit + 1)
    onward = after_row(rows[limit - 1].id or 0) if len(rows) > limit else None
    names = set(EventShown.model_fields)
    return Page(items=[EventShown(**row.model_dump(include=names)) for row in rows[:limit]], next=onward)


@router.post("/cases/{case_id}/events/{event_id}/undoing", responses=documented(404, 409))
def undo(caller: Assigner, case_id: RowId, event_id: RowId) -> CaseShown:
    """All of it is as it was, or nothing: only what the same agent did, while nobody has changed it since. A
    draft that was discarded is one again, which takes the scope `replies:write` besides."""
    with caller.database.reading() as session:
        by = caller.acting(cases.find(session, case_id))
        kind = undoing.find(session, case_id, event_id, by=by).kind
    if kind == taking_back.CANCELLED:
        caller.require(Scope.REPLIES_WRITE)
    with caller.database.transaction() as session:
        case = cases.find(session, case_id)
        _undo(session, case_id, event_id, by=caller.acting(case))
        return now(session, case)


def _undo(session: Session, case_id: int, event_id: int, *, by: Agent) -> None:
    event = undoing.find(session, case_id, event_id, by=by)
    if event.kind == taking_back.CANCELLED:
        taking_back.restore(session, cases.hold(session, case_id), event.details["reply"], by=by)
    else:
        undoing.undo(session, case_id, event_id, by=by)
