"""What an agent is writing: one draft a case, seen and changed by everybody until somebody approves it."""

from __future__ import annotations

import hashlib

from sqlmodel import Session, select

from socialdesk import clock, guards, messages, replies
from socialdesk.agents import Agent
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import BadInput, WrongDoor
from socialdesk.library import Library
from socialdesk.messages import Message, Visibility
from socialdesk.replies import Reply, State


def from_template(
    library: Library, template_id: str, *, language: str, visibility: str, customer: Customer, by: Agent
) -> str:
    """A template's words for this customer; in public they are signed with the agent's initials.

    Raises TemplateError when there is no such text in that language and visibility.
    """
    words = library.render(template_id, language, visibility, {"customer_name": customer.name or ""})
    return f"{words} ^{by.initials}" if visibility == Visibility.PUBLIC else words


def write(
    session: Session,
    case: Case,
    *,
    text: str,
    by: Agent,
    visibility: Visibility | None = None,
    seen_message_id: int | None = None,
    seen_reply_id: int | None = None,
    template_id: str | None = None,
) -> Reply:
    """Draft an answer to the customer's newest message of that visibility, or change the case's draft.

    In public it is the newest that X lets us answer.

    Without a visibility it is that of the customer's last message; without `seen_…` the author has seen
    everything there is. Raises WrongDoor for a public answer where nothing public was written, BadInput for
    a case with nothing to answer, or nothing that X lets us answer in public.
    """
    answered = _answered(session, case, visibility)
    reply = of_case(session, case) or _blank(case, by)
    reply.answers_id, reply.answers_visibility = answered.id or 0, answered.visibility
    reply.visibility = visibility or Visibility(answered.visibility)
    reply.seen_message_id = seen_message_id or messages.newest_seen(session, reply.case_id)
    reply.seen_reply_id = (
        replies.newest_given(session, reply.case_id) if seen_reply_id is None else seen_reply_id
    )
    reply.text = messages.clean(text).strip()
    reply.text_hash = hashlib.sha256(reply.text.encode()).hexdigest()
    reply.template_id, reply.drafted_by_id, reply.drafted_at = template_id, by.id or 0, clock.now()
    reply.revision += 1
    session.add(reply)
    session.flush()
    case.reply_moved(reply.id or 0, State.DRAFT, by=by.id)
    return reply


def of_case(session: Session, case: Case) -> Reply | None:
    """The case's draft: there is one at most, and all agents see it."""
    return session.exec(select(Reply).where(Reply.case_id == case.id, Reply.state == State.DRAFT)).first()


def answers_gone(session: Session, reply: Reply) -> bool:
    """Whether X shows what it answers no more."""
    return session.get_one(Message, reply.answers_id).gone is not None


def _answered(session: Session, case: Case, visibility: Visibility | None) -> Message:
    assert case.id is not None
    if found := _newest(session, case.id, visibility):
        return found
    newest = messages.newest_from_customer(session, case.id)
    if newest is None:
        raise BadInput("There is nothing of the customer's in this case to answer.")
    if visibility == Visibility.PUBLIC:
        raise WrongDoor("The customer wrote in private: the answer can't go out in public.")
    return newest  # a private answer to public words: the handover to direct messages


def _newest(session: Session, case_id: int, visibility: Visibility | None) -> Message | None:
    """In public the newest post that X lets us answer. Raises BadInput when all posts are none such."""
    found = messages.newest_from_customer(session, case_id, visibility)
    if found is None or found.private or found.not_repliable is None:
        return found
    instead = messages.newest_repliable(session, case_id)
    if instead is None and (objection := guards.unrepliable(found, visibility or found.visibility)):
        raise BadInput(objection)
    return instead


def _blank(case: Case, by: Agent) -> Reply:
    assert case.id is not None and by.id is not None
    return Reply(
        account_id=case.account_id,
        case_id=case.id,
        answers_id=0,
        answers_visibility="",
        visibility="",
        seen_message_id=0,
        text="",
        text_hash="",
        revision=0,
        drafted_by_id=by.id,
        drafted_at=clock.now(),
    )
