"""Drafting, approving, sending again and taking back replies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import cases, parts, replies
from socialdesk.cases import Case
from socialdesk.console import keeping, sketch
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, onward, page
from socialdesk.console.flash import told
from socialdesk.console.written import Guard, Written
from socialdesk.errors import BadInput, Conflict, DeskError, StaleDraft, WrongDoor
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply, State
from socialdesk.replying import again, approvals, drafts, jottings, taking_back
from socialdesk.replying.approvals import Outcome
from socialdesk.replying.taking_back import Became

router = APIRouter()


@router.post("/cases/{case_id}/replies")
def write(visit: Admitted, case_id: RowId, form: Annotated[Written, Form()]) -> Response:
    if form.keep:
        return keeping.keep(visit, case_id, form)
    try:
        if form.take or form.forget:
            return RedirectResponse(keeping.set_aside(visit, case_id, form), 303)
        with visit.database.transaction() as session:
            case = cases.hold(session, case_id)
            reply = _draft(session, case, form, by=visit.agent)
            _take_back_refused(session, case, form.again, by=visit.agent)
            jottings.forget(session, case_id, by=visit.agent, place=form.place, text=form.jotted.text)
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
            following = _following(visit, session, case, came_from, reply, outcome)
    except (Conflict, BadInput) as error:
        return _refused(visit, case_id, error, Asked(came_from))
    return RedirectResponse(following, 303)


@router.post("/replies/{reply_id}/cancellation")
def cancel(
    visit: Admitted, reply_id: RowId, revision: Annotated[int, Form(ge=0)] = 0, came_from: CameFrom = ""
) -> Response:
    """Take a reply back; of a draft only the revision that the agent has read, if the form tells one. What a
    colleague wrote is the draft again that it was, one's own words are in the composer."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, was = reply.case_id, reply.state
            became = taking_back.take_back(session, reply, by=visit.agent, revision=revision or None)
            begun = any(part.x_id for part in parts.of_reply(session, reply_id))
    except Conflict as error:
        return _refused(visit, case_id, error, Asked(came_from))
    if became == Became.WAITS and not came_from:
        return RedirectResponse(f"/approvals?done={told(became, case_id)}#reply-{reply_id}", 303)
    words = {Became.WAITS: "#composer", Became.DRAFT: "#composer"}
    if was == State.APPROVED and not begun:
        words[Became.OWN] = f"&again={reply_id}#composer"
    return RedirectResponse(address(case_id, came_from, became) + words.get(became, ""), 303)


@router.post("/replies/{reply_id}/retry")
def retry(
    visit: Admitted,
    reply_id: RowId,
    seen: Annotated[int | None, Form(ge=1, le=LARGEST_ID)] = None,
    given: Annotated[int | None, Form(ge=0, le=LARGEST_ID)] = None,
    version: Annotated[str, Form(max_length=20)] = "",
    came_from: CameFrom = "",
) -> Response:
    """Let a held reply go on as it is. What the agent had before him is told as in the composer's form: the
    newest message, our newest answer, and X's id of the answered post."""
    try:
        with visit.database.transaction() as session:
            reply = replies.find(session, reply_id)
            case_id, visibility = reply.case_id, reply.visibility
            again.send(
                session,
                reply,
                by=visit.agent,
                library=visit.desk.library_now(session),
                settings=visit.desk.settings,
                seen_message_id=seen,
                seen_reply_id=given,
                seen_x_id=version or None,
            )
    except (Conflict, BadInput) as error:
        return _refused(visit, case_id, error, Asked(came_from))
    return RedirectResponse(address(case_id, came_from, visibility), 303)


def _press(session: Session, visit: Visit, case: Case, reply: Reply, form: Written) -> str:
    """Do what the button says with the draft; where that leads."""
    if form.ask or form.approve or form.confirm:
        approvals.answers(visit.agent, case)
    if form.ask:
        library, settings = visit.desk.library_now(session), visit.desk.settings
        outcome = approvals.submit(session, reply, by=visit.agent, library=library, settings=settings)
        return _following(visit, session, case, form.came_from, reply, outcome)
    if form.approve or form.confirm:
        outcome = _approve(session, visit, reply, reply.revision, form.overrides, form.reason)
        return _following(visit, session, case, form.came_from, reply, outcome)
    pressed = {"moved": form.move, "stripped": form.strip, "unsaid": form.unsay, "renewed": form.renew}
    what = next((each for each, yes in pressed.items() if yes), "drafted")
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


def _following(
    visit: Visit, session: Session, case: Case, came_from: str, reply: Reply, outcome: Outcome
) -> str:
    what = reply.visibility if outcome == Outcome.APPROVED else "submitted"
    return onward(session, case, came_from, what, visit=visit)


def _draft(session: Session, case: Case, form: Written, *, by: Agent) -> Reply:
    """The case's draft with the form's words in it; who wrote them stays known when nothing was changed."""
    draft, words = drafts.of_case(session, case), form.words
    if draft and draft.revision != form.revision:
        raise StaleDraft(
            _("A colleague has written a draft meanwhile: it is shown below, and yours is kept.")
        )
    if draft and words.are_of(draft) and not form.move and not drafts.answers_gone(session, draft):
        keeping.note_what_was_read(session, draft, words)
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
