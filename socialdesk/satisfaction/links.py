"""Answers by link: the address is the only key, its hash is kept, and it opens nothing but the question."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session, col, select

from socialdesk import cases, clock, customers, messages
from socialdesk.errors import AlreadyDone, NotFound
from socialdesk.phrases import gettext as _
from socialdesk.satisfaction import questions
from socialdesk.satisfaction.answers import Verdict
from socialdesk.satisfaction.questions import LONGEST_COMMENT, ClosingQuestion, State
from socialdesk.satisfaction.telling import tell

PATH = "/s/"
CHANGES_FOR = timedelta(hours=1)


def make(question: ClosingQuestion, public_url: str) -> str:
    """The address for the customer; it is kept nowhere but in the message that goes out."""
    token = secrets.token_urlsafe(24)
    question.token_hash = _hash(token)
    return f"{public_url}{PATH}{token}"


def find(session: Session, token: str) -> ClosingQuestion:
    """Raises NotFound for an address that was never given out, or has run out."""
    query = select(ClosingQuestion).where(
        ClosingQuestion.token_hash == _hash(token),
        ClosingQuestion.state == State.ASKED,
        col(ClosingQuestion.expires_at) > clock.now(),
    )
    question = session.exec(query).first()
    if question is None:
        raise NotFound(_("This question has run out, or never was."))
    return question


def may_change(question: ClosingQuestion) -> bool:
    return question.answered_at is None or clock.now() - question.answered_at < CHANGES_FOR


def answer(session: Session, question: ClosingQuestion, *, helped: bool, comment: str) -> None:
    """The customer's answer, or a better one within the hour. Raises AlreadyDone after that."""
    customers.hold(session, question.customer_id)
    cases.hold(session, question.case_id)
    session.refresh(question)
    if not may_change(question):
        raise AlreadyDone(_("You have answered already. Thank you."))
    said = messages.clean(comment).strip()[:LONGEST_COMMENT] or None
    same = (question.answered_at is not None, question.helped, question.comment) == (True, helped, said)
    if same:
        return
    questions.answer(question, helped=helped, score=None, x_id=None)
    question.comment = said
    session.add(question)
    tell(session, question, Verdict(helped), said)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
