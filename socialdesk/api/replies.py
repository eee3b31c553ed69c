"""Replies: drafting, approving, taking back, and letting those go on that X has refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import cases, replies
from socialdesk.api import seen
from socialdesk.api.access import Caller, may
from socialdesk.api.paging import LARGEST_ID, Code, Cursor, Limit, Page, RowId, after_row, row_before
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import BadInput, Remedy, StaleDraft
from socialdesk.messages import Visibility
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.replies import Reply, State
from socialdesk.replying import again, approvals, drafts, taking_back
from socialdesk.replying.approvals import LONGEST_REASON

router = APIRouter(tags=["replies"])
LONGEST_TEXT = 30_000

Reader = Annotated[Caller, Depends(may(Scope.CASES_READ, Verb.SEE_CASE))]
Writer = Annotated[Caller, Depends(may(Scope.REPLIES_WRITE, Verb.WRITE_DRAFT))]
Approver = Annotated[Caller, Depends(may(Scope.REPLIES_APPROVE, Verb.APPROVE))]
Sender = Annotated[Caller, Depends(may(Scope.REPLIES_APPROVE, Verb.SEND))]
_AS_IT_IS = Body(default_factory=lambda: Withdrawal())


class ReplyShown(BaseModel):
    """A reply, and where it stands; `trouble` says what an agent has to know."""

    id: int
    case_id: int
    state: State
    revision: int
    visibility: Visibility
    text: str
    template_id: str | None
    automated: bool
    drafted_by_id: int
    drafted_at: datetime
    submitted_at: datetime | None = Field(description="Since when it waits for a second person.")
    sent_back_why: str | None
    approved_by_id: int | None
    approved_at: datetime | None
    due_at: datetime | None
    sent_at: datetime | None
    x_id: str | None
    trouble: str | None
    remedy: Remedy | None = Field(description="What can be done about it.")


class Draft(Asked):
    """Words of one's own, or a template's.

    `seen_message_id` is the newest message that the author had read: when the customer has written since,
    approving is refused. So it is with `seen_reply_id`, our newest answer that has gone out or is about to,
    and `seen_x_id`; without them it is as now. A case has one draft; to change it, tell which `revision` was
    read.
    """

    text: str | None = Field(None, max_length=LONGEST_TEXT)
    template: Code | None = None
    language: Code | None = Field(None, description="Of the template; else the case's.")
    visibility: Visibility | None = Field(None, description="Else that of the customer's last message.")
    seen_message_id: seen.MessageId
    seen_reply_id: seen.ReplyId | None = None
    seen_x_id: seen.XId | None = None
    revision: int | None = Field(None, ge=0, le=LARGEST_ID)


class Approval(Asked):
    """`overrides` are the guards that are set aside, with the `reason` where it takes a supervisor."""

    revision: int = Field(ge=1, le=LARGEST_ID)
    overrides: list[Code] = Field([], max_length=20)
    reason: str = Field("", max_length=LONGEST_REASON)


class Retry(Asked):
    """What was read before: the newest message in the case, our newest answer that has gone out or is about
    to, and X's id of that version of the answered post. Without the last two it is what the reply's author
    had read."""

    seen_message_id: seen.MessageId
    seen_reply_id: seen.ReplyId | None = None
    seen_x_id: seen.XId | None = None


class Read(Asked):
    """Which `revision` of the draft was read."""

    revision: int = Field(ge=1, le=LARGEST_ID)


class Withdrawal(Asked):
    """Of a draft only the `revision` that was read, if one is told."""

    revision: int | None = Field(None, ge=1, le=LARGEST_ID)


@router.get("/cases/{case_id}/replies", responses=documented(404))
def list_replies(
    caller: Reader, case_id: RowId, cursor: Cursor = None, limit: Limit = 50
) -> Page[ReplyShown]:
    """Everything that was drafted in the case, oldest first."""
    behind = row_before(cursor) if cursor else 0
    with caller.database.reading() as session:
        cases.find(session, case_id)
        rows = replies.of_case(session, case_id, after=behind, size=limit + 1)
    onward = after_row(rows[limit - 1].id or 0) if len(rows) > limit else None
    return Page(items=[shown(each) for each in rows[:limit]], next=onward)


@router.post("/cases/{case_id}/replies", status_code=201, responses=documented(404, 409, *WITH_A_BODY))
def draft(caller: Writer, case_id: RowId, wanted: Draft) -> ReplyShown:
    with caller.database.transaction() as session:
        case = cases.hold(session, case_id)
        seen.refuse_others(session, case_id, message_id=wanted.seen_message_id, reply_id=wanted.seen_reply_id)
        before = drafts.of_case(session, case)
        if before and before.revision != wanted.revision:
            raise StaleDraft(f"The case has a draft, of revision {before.revision}: read it first.")
        reply = drafts.write(
            session,
            case,
            text=_words(session, caller, case, wanted),
            by=caller.acting(case),
            visibility=wanted.visibility,
            seen_message_id=wanted.seen_message_id,
            seen_reply_id=wanted.seen_reply_id,
            seen_x_id=wanted.seen_x_id,
            template_id=wanted.template,
        )
        return shown(reply)


@router.get("/replies/{reply_id}", responses=documented(404))
def show_reply(caller: Reader, reply_id: RowId) -> ReplyShown:
    with caller.database.reading() as session:
        return shown(replies.find(session, reply_id))


@router.post("/replies/{reply_id}/approval", responses=documented(404, 409, *WITH_A_BODY))
def approve(caller: Approver, reply_id: RowId, told: Approval) -> ReplyShown:
    """It leaves as soon as it may, or waits for a second person where the settings want one: the `state`
    tells which."""
    with caller.database.transaction() as session:
        reply = replies.find(session, reply_id)
        case = cases.hold(session, reply.case_id)
        by = caller.acting(case)
        if reply.drafted_by_id == by.id:
            approvals.answers(by, case)
        approvals.approve(
            session,
            reply,
            by=by,
            library=caller.desk.library_now(session),
            settings=caller.desk.settings,
            revision=told.revision,
            overrides=told.overrides,
            reason=told.reason,
        )
        return after(session, reply)


@router.post("/replies/{reply_id}/submission", responses=documented(404, 409, *WITH_A_BODY))
def submit(caller: Writer, reply_id: RowId, told: Read) -> ReplyShown:
    """It waits for a second person, though nothing wants one: a program writes, and people let it go."""
    with caller.database.transaction() as session:
        reply = replies.find(session, reply_id)
        case = cases.hold(session, reply.case_id)
        by = caller.acting(case)
        if reply.drafted_by_id == by.id:
            approvals.answers(by, case)
        library, settings = caller.desk.library_now(session), caller.desk.settings
        approvals.submit(session, reply, by=by, library=library, settings=settings, revision=told.revision)
        return after(session, reply)


@router.post("/replies/{reply_id}/cancellation", responses=documented(404, 409, *WITH_A_BODY))
def cancel(caller: Writer, reply_id: RowId, told: Annotated[Withdrawal, _AS_IT_IS]) -> ReplyShown:
    """Take it back, if it has not begun to leave: what a colleague wrote is the draft again that it was, and
    one's own words are in the agent's composer."""
    with caller.database.transaction() as session:
        reply = replies.find(session, reply_id)
        by = caller.acting(cases.hold(session, reply.case_id))
        taking_back.take_back(session, reply, by=by, revision=told.revision)
        return after(session, reply)


@router.post("/replies/{reply_id}/retry", responses=documented(404, 409, *WITH_A_BODY))
def retry(caller: Sender, reply_id: RowId, told: Retry) -> ReplyShown:
    """Let a held reply go on as it is: one more approval, with everything asked that an approval asks."""
    with caller.database.transaction() as session:
        reply = replies.find(session, reply_id)
        case = cases.hold(session, reply.case_id)
        seen.refuse_others(
            session, reply.case_id, message_id=told.seen_message_id, reply_id=told.seen_reply_id
        )
        again.send(
            session,
            reply,
            by=caller.acting(case),
            library=caller.desk.library_now(session),
            settings=caller.desk.settings,
            seen_message_id=told.seen_message_id,
            seen_reply_id=told.seen_reply_id,
            seen_x_id=told.seen_x_id,
        )
        return after(session, reply)


def _words(session: Session, caller: Caller, case: Case, wanted: Draft) -> str:
    if (wanted.text is None) == (wanted.template is None):
        raise BadInput("Give either a text or a template.")
    if wanted.template is None:
        return wanted.text or ""
    return drafts.from_template(
        caller.desk.library_now(session),
        wanted.template,
        language=wanted.language or case.language,
        visibility=wanted.visibility or case.visibility,
        customer=session.get_one(Customer, case.customer_id),
        dm_link=drafts.dm_link_of(session, caller.desk.settings, case.account_id),
    )


def after(session: Session, reply: Reply) -> ReplyShown:
    """As it stands after what was just done."""
    session.flush()
    session.refresh(reply)
    return shown(reply)


def shown(reply: Reply) -> ReplyShown:
    return ReplyShown(**reply.model_dump())
