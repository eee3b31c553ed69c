"""Answers by direct message, as the intake meets them: understood, they open nothing and wait for nobody.

Only the customer's first words after the question can be an answer, or change one for an hour: whoever has
been asked something else since, or has something open, means that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from socialdesk import clock, history
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.messages import Incoming, Message, Visibility
from socialdesk.replies import Reply
from socialdesk.replies import State as Sent
from socialdesk.satisfaction import questions
from socialdesk.satisfaction.answers import Verdict, understood
from socialdesk.satisfaction.questions import ClosingQuestion, State
from socialdesk.satisfaction.telling import kind_of

CHANGES_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that answers a question."""

    incoming: Incoming
    question: ClosingQuestion
    verdict: Verdict

    @property
    def silences(self) -> bool:
        """Whether it waits for nobody: a complaint does, where the settings want it."""
        return not (self.question.no_reopens and self.verdict.complains)

    @property
    def kind(self) -> str:
        return kind_of(self.verdict)


def hear(session: Session, account_id: int, words: Sequence[Incoming]) -> Mapping[str, Heard]:
    """By X's id, those of the words that are answers; one statement, none where nothing looks like one."""
    likely = _likely(words)
    if not likely:
        return {}
    found: dict[str, Heard] = {}
    for question, x_id, sent_at in session.connection().execute(_open(account_id, list(likely))):
        incoming, verdict = likely[x_id]
        if incoming.sent_at >= sent_at:
            asked = session.get_one(ClosingQuestion, question)
            found[incoming.x_id] = Heard(incoming, asked, verdict)
    return found


def keep(session: Session, heard: Mapping[str, Heard]) -> None:
    """Write the answers down; what is silenced is told on the case as it is placed there."""
    for x_id, each in heard.items():
        verdict = each.verdict
        questions.answer(each.question, helped=verdict.helped, score=verdict.score, x_id=x_id)
        session.add(each.question)
        if not each.silences:
            case = session.get_one(Case, each.question.case_id)
            history.record(case, each.kind, message=x_id, score=verdict.score)


def _likely(words: Sequence[Incoming]) -> dict[str, tuple[Incoming, Verdict]]:
    """By customer, his first direct message, where it reads like an answer."""
    first: dict[str, Incoming] = {}
    for each in words:
        if not each.ours and each.visibility == Visibility.PRIVATE and each.customer_x_id:
            known = first.get(each.customer_x_id)
            if known is None or int(each.x_id) < int(known.x_id):
                first[each.customer_x_id] = each
    verdicts = {x_id: (each, understood(each.text)) for x_id, each in first.items()}
    return {x_id: (each, verdict) for x_id, (each, verdict) in verdicts.items() if verdict}


def _open(account_id: int, x_ids: Sequence[str]) -> Any:
    """Questions of these people that stand last in their direct messages, each with its moment."""
    now = clock.now()
    unanswered = col(ClosingQuestion.answered_at).is_(None)
    return (
        select(ClosingQuestion.id, Customer.x_id, Reply.sent_at)
        .join(Customer, col(Customer.id) == ClosingQuestion.customer_id)
        .join(Reply, col(Reply.id) == ClosingQuestion.reply_id)
        .where(
            col(Customer.x_id).in_(x_ids),
            ClosingQuestion.account_id == account_id,
            ClosingQuestion.state == State.ASKED,
            Reply.state == Sent.SENT,
            col(ClosingQuestion.expires_at) > now,
            unanswered | (col(ClosingQuestion.answered_at) > now - CHANGES_FOR),
            ~_written_since(account_id),
            ~_something_open(account_id),
        )
        .order_by(col(ClosingQuestion.id))
    )


def _written_since(account_id: int) -> Any:
    """Other direct messages after it than the question itself and an earlier answer."""
    other: Any = aliased(Case)
    answer = col(ClosingQuestion.answer_x_id)
    return (
        select(Message.id)
        .join(other, other.id == Message.case_id)
        .where(
            other.customer_id == ClosingQuestion.customer_id,
            other.account_id == account_id,
            Message.visibility == Visibility.PRIVATE,
            col(Message.sent_at) >= Reply.sent_at,
            Message.x_id != Reply.x_id,
            answer.is_(None) | (Message.x_id != answer),
        )
        .correlate(ClosingQuestion, Reply)
        .exists()
    )


def _something_open(account_id: int) -> Any:
    other: Any = aliased(Case)
    return (
        select(other.id)
        .where(
            other.customer_id == ClosingQuestion.customer_id,
            other.account_id == account_id,
            other.status != Status.RESOLVED,
        )
        .correlate(ClosingQuestion)
        .exists()
    )
