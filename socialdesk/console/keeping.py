"""What is typed into the composer is kept by itself: here it comes, and here it is given up."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.console.access import Visit
from socialdesk.console.flash import told
from socialdesk.console.sketch import Words
from socialdesk.console.written import Written
from socialdesk.errors import StaleDraft
from socialdesk.messages import Message
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply
from socialdesk.replying import drafts, jottings
from socialdesk.replying.jottings import Jotting, Overtaken


def keep(visit: Visit, case_id: int, form: Written) -> Response:
    """The words as they are typed. The answer says under which revision they are kept, 0 for not at all;
    409 with the other words when the same agent wrote something else in another window."""
    try:
        with visit.database.transaction() as session:
            case = _held(session, case_id)
            row = _keep(session, visit, case, form)
            answer = {"kept": row.revision if row else 0, "kept_as": form.jotted.visibility}
    except Overtaken as overtaken:
        return JSONResponse(_other(overtaken.row, form), 409)
    return JSONResponse(answer)


def set_aside(visit: Visit, case_id: int, form: Written) -> str:
    """Where it goes on after the unsaved words were given up, or kept while a template is looked at. Raises
    StaleDraft when the agent has written something else elsewhere."""
    with visit.database.transaction() as session:
        case = cases.hold(session, case_id)
        if form.forget:
            jottings.forget(session, case_id, by=visit.agent, place=form.place, text=form.jotted.text)
        else:
            _keep_beside(session, visit, case, form)
    back = {"from": form.came_from} if form.came_from else {}
    if form.forget:
        return f"/cases/{case_id}?{urlencode(back | {'done': told('forgotten', case_id)})}#composer"
    door, template = form.pick.partition(".")[::2]
    picked = {"template": template, "as": door, "in": form.language}
    return f"/cases/{case_id}?{urlencode(picked | back)}#text"


def note_what_was_read(session: Session, draft: Reply, words: Words) -> None:
    """The draft stays as it is, and is no longer older than what these words' author had before him."""
    draft.seen_message_id = max(draft.seen_message_id, words.seen or 0)
    draft.seen_reply_id = max(draft.seen_reply_id, words.given or 0)
    if words.version == session.get_one(Message, draft.answers_id).x_id:
        draft.seen_x_id = words.version
    session.flush()  # approving reads the row anew


def _held(session: Session, case_id: int) -> Case:
    """The case, or the one that a colleague has merged it into while somebody wrote in it."""
    case = cases.hold(session, case_id)
    return cases.hold(session, case.merged_into_id) if case.merged_into_id else case


def _keep(session: Session, visit: Visit, case: Case, form: Written) -> Jotting | None:
    """A draft's own words need no keeping; that what is new was read is noted there."""
    draft, words, case_id = drafts.of_case(session, case), form.words, case.id or 0
    of_draft = draft is not None and words.are_of(draft) and draft.revision == form.revision
    if draft and of_draft and form.renew:
        note_what_was_read(session, draft, words)
    if of_draft or not words.stored:
        jottings.forget(session, case_id, by=visit.agent, place=form.place)
        return None
    return jottings.keep(session, case_id, form.jotted, by=visit.agent, place=form.place)


def _keep_beside(session: Session, visit: Visit, case: Case, form: Written) -> None:
    try:
        _keep(session, visit, case, form)
    except Overtaken as overtaken:
        refused = _("You have written something else here in another window: read it first.")
        raise StaleDraft(refused) from overtaken


def _other(row: Jotting | None, form: Written) -> dict[str, object]:
    """What stands there instead of the words that came; without a text it is kept no more."""
    if row is None:
        return {"kept": 0, "kept_as": form.visibility, "text": "", "template": ""}
    return {
        "kept": row.revision,
        "kept_as": row.visibility,
        "text": row.text,
        "template": row.template_id or "",
    }
