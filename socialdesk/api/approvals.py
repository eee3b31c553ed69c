"""What waits for a second person, and sending it back."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from socialdesk import cases, replies
from socialdesk.api.paging import LARGEST_ID, Cursor, Limit, Page, RowId, cursor, place
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.replies import Approver, ReplyShown, after, shown
from socialdesk.api.strictness import Asked
from socialdesk.replies import Reply
from socialdesk.replying import approvals
from socialdesk.replying.approvals import LONGEST_REASON

router = APIRouter(tags=["approvals"])


class Return(Asked):
    """`why` says what is to be changed."""

    revision: int = Field(ge=1, le=LARGEST_ID)
    why: str = Field(min_length=1, max_length=LONGEST_REASON)


@router.get("/approvals", responses=documented())
def list_waiting(caller: Approver, cursor: Cursor = None, limit: Limit = 50) -> Page[ReplyShown]:
    """Replies that wait for a second person, the longest waiting first."""
    behind = place(cursor)[:2] if cursor else None
    with caller.database.reading() as session:
        rows = approvals.page_of_waiting(session, after=behind, size=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(items=[shown(each) for each in rows[:limit]], next=_end(last))


@router.post("/replies/{reply_id}/return", responses=documented(404, 409, *WITH_A_BODY))
def send_back(caller: Approver, reply_id: RowId, told: Return) -> ReplyShown:
    """It waits no more and is a draft again, to be changed."""
    with caller.database.transaction() as session:
        reply = replies.find(session, reply_id)
        by = caller.acting(cases.hold(session, reply.case_id))
        approvals.send_back(session, reply, by=by, why=told.why, revision=told.revision)
        return after(session, reply)


def _end(last: Reply | None) -> str | None:
    return cursor(last.submitted_at, last.id or 0) if last and last.submitted_at else None
