"""Drafting, approving and taking back replies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import approvals, cases, drafts, replies
from socialdesk.agents import Agent
from socialdesk.approvals import Outcome
from socialdesk.cases import Case
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, onward, page
from socialdesk.console.composer import Words
from socialdesk.errors import BadInput, Conflict, DeskError, StaleDraft, WrongDoor
from socialdesk.messages import Visibility
from socialdesk.replies import Reply, State

router = APIRouter()
Guard = Annotated[str, Field(max_length=20)]  # a kind of objection that the agent sets aside


class Written(BaseModel):
    """The composer as it was sent, with what the agent had before his eyes: `seen` is the customer's newest
    message, `given` our newest answer, `revision` that of the draft."""

    text: str = ""
    visibility: Visibility = Field(alias="as")
    seen: int = Field(ge=1, le=LARGEST_ID)
    given: int = Field(default=0, ge=0, le=LARGEST_ID)
    revision: int = Field(default=0, ge=0, le=LARGEST_ID)
    template: str = Field(default="", max_length=80)
    language: str = Field(default="", alias="in", max_length=8)
    came_from: str = Field(default="", alias="from", max_length=40)
    again: int = Field(default=0, ge=0, le=LARGEST_ID)  # the reply that X refused, whose place this one takes
    approve: bool = False
    override: list[Guard] = []
    reason: str = Field(default="", max_length=approvals.LONGEST_REASON)

    @property
    def words(self) -> Words:
        return Words(self.text.replace("\r\n", "\n"), self.visibility, self.template)


@router.post("/cases/{case_id}/replies")
def write(visit: Admitted, case_id: RowId, form: Annotated[Written, Form()]) -> Response:
    try:
        with visit.database.transaction() as session:
            case = cases.hold(session, case_id)
            reply = _draft(session, case, form, by=visit.agent)
            _take_back_refused(session, case, form.again, by=visit.agent)
            following = address(case_id, form.came_from, "drafted")
            if form.approve:
                outcome = _approve(session, visit, reply, reply.revision, form.override, form.reason)
                following = _following(session, case, form.came_from, reply, outcome)
    except (Conflict, BadInput, WrongDoor) as error:
        asked = Asked(form.came_from, language=form.language, again=form.again, words=form.words)
        return _refused(visit, case_id, error, asked)
    return RedirectResponse(following, 303)


@router.post("/replies/{reply_id}/approval")
def approve(
    visit: Admitted,
    reply_id: RowId,
    revision: Annotated[int, Form(ge=1)],
    override: Annotated[list[Guard] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=approvals.LONGEST_REASON)] = "",
    came_from: CameFrom = "",
) -> Response:
    """Approve a draft as it stands; only that revision of it."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, case = reply.case_id, cases.hold(session, reply.case_id)
            outcome = _approve(session, visit, reply, revision, override or (), reason)
            following = _following(session, case, came_from, reply, outcome)
    except (Conflict, BadInput) as error:
        return _refused(visit, case_id, error, Asked(came_from))
    return RedirectResponse(following, 303)


@router.post("/replies/{reply_id}/cancellation")
def cancel(
    visit: Admitted, reply_id: RowId, revision: Annotated[int, Form(ge=0)] = 0, came_from: CameFrom = ""
) -> Response:
    """Take a reply back; of a draft only the revision that the agent has read, if the form tells one."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, what = reply.case_id, "discarded" if reply.state == State.DRAFT else "cancelled"
            if what == "discarded" and revision not in (0, reply.revision):
                raise StaleDraft("A colleague has changed this draft since: read it again.")
            replies.cancel(session, reply, by=visit.agent)
    except Conflict as error:
        return _refused(visit, case_id, error, Asked(came_from))
    return RedirectResponse(address(case_id, came_from, what), 303)


def _approve(
    session: Session, visit: Visit, reply: Reply, revision: int, override: Collection[str], reason: str
) -> Outcome:
    return approvals.approve(
        session,
        reply,
        by=visit.agent,
        library=visit.desk.library_now(session),
        settings=visit.desk.settings,
        revision=revision,
        overrides=override,
        reason=reason,
    )


def _following(session: Session, case: Case, came_from: str, reply: Reply, outcome: Outcome) -> str:
    return onward(session, case, came_from, reply.visibility if outcome == Outcome.APPROVED else "submitted")


def _draft(session: Session, case: Case, form: Written, *, by: Agent) -> Reply:
    """The case's draft with the form's words in it; who wrote them stays known when nothing was changed."""
    draft = drafts.of_case(session, case)
    if draft and draft.revision != form.revision:
        raise StaleDraft("A colleague has written a draft meanwhile: it is shown below, and yours is kept.")
    same = draft and (draft.text, draft.visibility) == (form.words.text.strip(), form.visibility)
    if draft and same and not drafts.answers_gone(session, draft):
        draft.seen_message_id = max(draft.seen_message_id, form.seen)
        draft.seen_reply_id = max(draft.seen_reply_id, form.given)
        session.flush()  # approving reads the row anew
        return draft
    return drafts.write(
        session,
        case,
        text=form.words.text,
        by=by,
        visibility=form.visibility,
        seen_message_id=form.seen,
        seen_reply_id=form.given,
        template_id=form.template or None,
    )


def _take_back_refused(session: Session, case: Case, reply_id: int, *, by: Agent) -> None:
    """What X refused is done with once its words have become a new draft of the same case."""
    if reply_id:
        refused = replies.find(session, reply_id)
        if refused.case_id == case.id and refused.state == State.HELD:
            replies.cancel(session, refused, by=by)


def _refused(visit: Visit, case_id: int, error: DeskError, asked: Asked) -> Response:
    """The case's page again, with the reason on top and the agent's words kept."""
    status = 409 if isinstance(error, Conflict) else 422
    return page(visit, case_id, replace(asked, problem=error), status=status)
