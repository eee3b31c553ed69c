"""Drafting, approving, sending again and taking back replies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import approvals, cases, drafts, parts, replies
from socialdesk.agents import Agent
from socialdesk.approvals import Outcome
from socialdesk.cases import Case
from socialdesk.console import sketch
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, onward, page
from socialdesk.console.sketch import Words
from socialdesk.errors import BadInput, Conflict, DeskError, StaleDraft, WrongDoor
from socialdesk.messages import Message, Visibility
from socialdesk.replies import Reply, State

router = APIRouter()
Guard = Annotated[str, Field(max_length=20)]  # a kind of objection that the agent sets aside
Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class Written(BaseModel):
    """The composer as it was sent, with what the agent had before his eyes: `seen` is the customer's newest
    message, `given` our newest answer, `version` X's id of the answered post, `revision` that of the draft.
    `newest` and `newest_given` are what the page showed besides: it is read once he says `renew`."""

    text: str = ""
    visibility: Visibility = Field(alias="as")
    seen: int = Field(ge=1, le=LARGEST_ID)
    given: Id = 0
    newest: Id = 0
    newest_given: Id = 0
    version: str = Field(default="", max_length=20)
    revision: Id = 0
    template: str = Field(default="", max_length=80)
    language: str = Field(default="", alias="in", max_length=8)
    came_from: str = Field(default="", alias="from", max_length=40)
    again: Id = 0  # the reply that X refused, whose place this one takes
    override: list[Guard] = []
    reason: str = Field(default="", max_length=approvals.LONGEST_REASON)
    # What the pressed button says; without any of these the draft is saved.
    approve: bool = False
    confirm: Guard = ""  # approve, and set this aside
    ask: bool = False  # a supervisor
    renew: bool = False  # what is new has been read
    move: Visibility | None = None  # to the other door

    @property
    def words(self) -> Words:
        return Words(
            self.text.replace("\r\n", "\n"),
            self.move or self.visibility,
            self.template,
            seen=max(self.seen, self.newest) if self.renew else self.seen,
            given=max(self.given, self.newest_given) if self.renew else self.given,
            version=self.version,
            override=frozenset(self.override),
            reason=self.reason,
        )

    @property
    def overrides(self) -> list[str]:
        return [*self.override, *filter(None, [self.confirm])]


@router.post("/cases/{case_id}/replies")
def write(visit: Admitted, case_id: RowId, form: Annotated[Written, Form()]) -> Response:
    try:
        with visit.database.transaction() as session:
            case = cases.hold(session, case_id)
            reply = _draft(session, case, form, by=visit.agent)
            _take_back_refused(session, case, form.again, by=visit.agent)
            following = _press(session, visit, case, reply, form)
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
    """Take a reply back; of a draft only the revision that the agent has read, if the form tells one. The
    words of one that was about to leave are in the composer again."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, was = reply.case_id, reply.state
            if was == State.DRAFT and revision not in (0, reply.revision):
                raise StaleDraft("A colleague has changed this draft since: read it again.")
            replies.cancel(session, reply, by=visit.agent)
            begun = any(part.x_id for part in parts.of_reply(session, reply_id))
    except Conflict as error:
        return _refused(visit, case_id, error, Asked(came_from))
    following = address(case_id, came_from, "discarded" if was == State.DRAFT else "cancelled")
    back = f"&again={reply_id}#composer" if was == State.APPROVED and not begun else ""
    return RedirectResponse(following + back, 303)


@router.post("/replies/{reply_id}/retry")
def retry(
    visit: Admitted,
    reply_id: RowId,
    seen: Annotated[int, Form(ge=1, le=LARGEST_ID)],
    came_from: CameFrom = "",
) -> Response:
    """Let a held reply go on as it is; `seen` is the newest message that the agent had before him."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, visibility = reply.case_id, reply.visibility
            replies.retry(session, reply, by=visit.agent, seen_message_id=seen)
    except Conflict as error:
        return _refused(visit, case_id, error, Asked(came_from))
    return RedirectResponse(address(case_id, came_from, visibility), 303)


def _press(session: Session, visit: Visit, case: Case, reply: Reply, form: Written) -> str:
    """Do what the button says with the draft; where that leads."""
    if form.ask:
        library, settings = visit.desk.library_now(session), visit.desk.settings
        outcome = approvals.submit(
            session, reply, by=visit.agent, library=library, settings=settings, overrides=form.overrides
        )
        return _following(session, case, form.came_from, reply, outcome)
    if form.approve or form.confirm:
        outcome = _approve(session, visit, reply, reply.revision, form.overrides, form.reason)
        return _following(session, case, form.came_from, reply, outcome)
    what = "moved" if form.move else "renewed" if form.renew else "drafted"
    return address(case.id, form.came_from, what) + ("" if what == "drafted" else "#composer")


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
    draft, words = drafts.of_case(session, case), form.words
    if draft and draft.revision != form.revision:
        raise StaleDraft("A colleague has written a draft meanwhile: it is shown below, and yours is kept.")
    if draft and words.are_of(draft) and not form.move and not drafts.answers_gone(session, draft):
        _note_what_was_read(session, draft, words)
        return draft
    reply = drafts.write(
        session,
        case,
        text=words.text,
        by=by,
        visibility=words.visibility,
        seen_message_id=words.seen,
        seen_reply_id=words.given,
        template_id=words.template or None,
    )
    answered = session.get_one(Message, reply.answers_id)
    reply.seen_x_id = sketch.as_read(session, answered, words) or answered.x_id
    session.flush()
    return reply


def _note_what_was_read(session: Session, draft: Reply, words: Words) -> None:
    draft.seen_message_id = max(draft.seen_message_id, words.seen or 0)
    draft.seen_reply_id = max(draft.seen_reply_id, words.given or 0)
    if words.version == session.get_one(Message, draft.answers_id).x_id:
        draft.seen_x_id = words.version
    session.flush()  # approving reads the row anew


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
