"""The closing question and its answer: one row for each resolved case that was to be asked about."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import clock
from socialdesk.database import one_of

TEMPLATE = "closing_question"
LINK = "closing_link"  # the template's variable
LONGEST_COMMENT = 500


class State(StrEnum):
    WANTED = "wanted"
    ASKED = "asked"
    LEFT = "left"  # something stood against it


class Way(StrEnum):
    """How the customer is to answer."""

    DM = "dm"
    LINK = "link"


class ClosingQuestion(SQLModel, table=True):
    """Whether we could help: wanted by whoever resolved the case, asked by the reply `reply_id`.

    `score` is 1 to 5 where the customer gave one, and four or more counts as helped. Of a link only the hash
    is kept. `no_reopens` and `expires_at` are as the settings said when it was asked.
    """

    __tablename__ = "closing_questions"
    __table_args__ = (
        one_of("state", State),
        one_of("way", Way),
        UniqueConstraint("case_id", "resolved_at"),
        Index("ix_closing_questions_state", "state", "id"),
        Index("ix_closing_questions_asked_at", "asked_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    account_id: int = Field(foreign_key="accounts.id")
    customer_id: int = Field(foreign_key="customers.id", index=True)
    resolved_at: datetime
    wanted_by_id: int = Field(foreign_key="agents.id")
    state: str = State.WANTED
    why: str | None = None
    language: str
    way: str
    reply_id: int | None = Field(default=None, foreign_key="replies.id")
    asked_at: datetime | None = None
    token_hash: str | None = Field(default=None, unique=True)
    expires_at: datetime | None = None
    no_reopens: bool = False
    helped: bool | None = None
    score: int | None = None
    comment: str | None = None
    answered_at: datetime | None = None
    answer_x_id: str | None = None


def asked_since(session: Session, customer_id: int, since: datetime) -> bool:
    """Whether this customer has been asked since then, about any case."""
    query = select(ClosingQuestion.id).where(
        ClosingQuestion.customer_id == customer_id,
        ClosingQuestion.state == State.ASKED,
        col(ClosingQuestion.asked_at) >= since,
    )
    return session.exec(query.limit(1)).first() is not None


def of_case(session: Session, case_id: int) -> ClosingQuestion | None:
    """The newest that was asked about the case."""
    query = select(ClosingQuestion).where(
        ClosingQuestion.case_id == case_id, ClosingQuestion.state == State.ASKED
    )
    return session.exec(query.order_by(col(ClosingQuestion.id).desc()).limit(1)).first()


def answered_by(session: Session, customer_id: int) -> Sequence[ClosingQuestion]:
    """All that this customer has answered, oldest first."""
    query = select(ClosingQuestion).where(
        ClosingQuestion.customer_id == customer_id, col(ClosingQuestion.answered_at).is_not(None)
    )
    return session.exec(query.order_by(col(ClosingQuestion.id))).all()


def answer(question: ClosingQuestion, *, helped: bool, score: int | None, x_id: str | None) -> None:
    """The customer's answer, the first or a changed one; the moment stays that of the first."""
    question.helped, question.score = helped, score
    question.answer_x_id = x_id or question.answer_x_id
    question.answered_at = question.answered_at or clock.now()


def forget_of(session: Session, customer_id: int) -> None:
    """What the customer wrote goes, and the link opens nothing any more; whether we helped stays counted."""
    query = select(ClosingQuestion).where(ClosingQuestion.customer_id == customer_id)
    for question in session.exec(query).all():
        question.comment = question.token_hash = question.answer_x_id = question.expires_at = None
