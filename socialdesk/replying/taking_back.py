"""Taking back what has not left: of a colleague's reply the approval alone, of one's own all of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import cases, parts, replies
from socialdesk.cases import Case
from socialdesk.casework import undoing
from socialdesk.errors import AlreadyDone, StaleDraft
from socialdesk.history import CaseEvent
from socialdesk.latecomers import too_late
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, jottings
from socialdesk.replying.jottings import Jotted

CANCELLED = "reply_cancelled"  # the event
_DRAFTED = "reply_draft"


class Became(StrEnum):
    """What a reply that was taken back has become, and where its words are."""

    WAITS = "unapproved"  # a draft that waits for a second person, as before
    DRAFT = "redrafted"  # a draft that everybody sees, as before
    DISCARDED = "discarded"  # it was a draft, and is none any more
    OWN = "cancelled"  # done with; the words are in the composer of who took it back, unless some of it left
    AUTHORS = "cancelled_kept"  # done with: there is another draft; the words are in its author's composer


def take_back(session: Session, reply: Reply, *, by: Agent, revision: int | None = None) -> Became:
    """The approval of what others have written is undone and nothing else; what is `by`'s own is cancelled,
    with its words in his composer; of a draft only the `revision` that he has read, if one is told. Raises
    AlreadyDone once it is on its way, or there, StaleDraft when the draft was changed since."""
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    was = State(reply.state)
    if was == State.DRAFT and revision not in (None, reply.revision):
        raise StaleDraft(_("A colleague has changed this draft since: read it again."))
    begun = any(part.x_id for part in parts.of_reply(session, reply.id or 0))
    others = was == State.APPROVED and not begun and _is_of_others(session, reply, by)
    if others and drafts.of_case(session, case) is None:
        return _unapprove(session, case, reply, by)
    replies.cancel(session, reply, by=by)
    if was == State.DRAFT:
        jottings.forget(session, reply.case_id, by=by)
        return Became.DISCARDED
    author = session.get_one(Agent, reply.drafted_by_id) if others else by
    if not begun:
        jottings.give_back(session, reply.case_id, _words_of(reply), by=author)
    return Became.OWN if author.id == by.id else Became.AUTHORS


def restore(session: Session, case: Case, reply_id: int, *, by: Agent) -> None:
    """The draft that `by` has discarded is there again, and waits for a second person if it did; of a case
    that is held. Raises AlreadyDone when it can't be."""
    reply = replies.find(session, reply_id)
    session.refresh(reply)
    gone = reply.case_id != case.id or reply.state != State.CANCELLED or reply.approved_at is not None
    if gone or case.merged_into_id or drafts.of_case(session, case):
        raise AlreadyDone(_(undoing.CHANGED))
    replies.move(session, reply, State.DRAFT, since=(State.CANCELLED,))
    case.reply_moved(reply_id, State.DRAFT, by=by.id, restored=True)


def _unapprove(session: Session, case: Case, reply: Reply, by: Agent) -> Became:
    """Its parts are laid down anew when it is approved once more."""
    none: dict[str, Any] = dict.fromkeys(("approved_by_id", "approved_at", "due_at", "verbatim", "trouble"))
    if not replies.move(session, reply, State.DRAFT, since=(State.APPROVED,), remedy=None, **none):
        raise AlreadyDone(too_late(reply.state, parts.told(parts.of_reply(session, reply.id or 0))))
    for part in parts.of_reply(session, reply.id or 0):
        session.delete(part)
    case.reply_moved(reply.id or 0, State.DRAFT, by=by.id, unapproved=True)
    return Became.WAITS if reply.submitted_at else Became.DRAFT


def _is_of_others(session: Session, reply: Reply, by: Agent) -> bool:
    """Whether a person who is not `by` has written in it."""
    if reply.automated:
        return False
    if reply.drafted_by_id != by.id:
        return True
    query = select(CaseEvent).where(
        CaseEvent.case_id == reply.case_id,
        CaseEvent.kind == _DRAFTED,
        col(CaseEvent.agent_id).is_not(None),
        CaseEvent.agent_id != by.id,
    )
    told = [event.details for event in session.exec(query)]
    return any(each.get("reply") == reply.id and "unapproved" not in each for each in told)


def _words_of(reply: Reply) -> Jotted:
    """As its author had them in the composer."""
    return Jotted(
        reply.text,
        Visibility(reply.visibility),
        reply.template_id,
        reply.seen_message_id,
        reply.seen_reply_id,
        reply.seen_x_id,
    )
