"""What an answer to the closing question does to its case: it is told there, and may open it again."""

from __future__ import annotations

from sqlmodel import Session

from socialdesk import cases, history
from socialdesk.cases import Status
from socialdesk.satisfaction.answers import Verdict
from socialdesk.satisfaction.questions import ClosingQuestion

HELPED = "closing_helped"
NOT_HELPED = "closing_not_helped"


def kind_of(verdict: Verdict) -> str:
    """What the case's history calls it."""
    return HELPED if verdict.helped else NOT_HELPED


def tell(session: Session, question: ClosingQuestion, verdict: Verdict, comment: str | None) -> None:
    """On the case, which is opened again when the settings wanted that as the question was asked."""
    case = cases.hold(session, question.case_id)
    history.record(case, kind_of(verdict), score=verdict.score, why=comment)
    closed = case.status == Status.RESOLVED and case.merged_into_id is None
    if question.no_reopens and verdict.complains and closed:
        case.reopen(by=None)
