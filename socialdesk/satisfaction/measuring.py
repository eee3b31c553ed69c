"""The share of customers who say that we could help, by language and account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case as either
from sqlmodel import Session, col, func, select

from socialdesk.figures.asking import Asked
from socialdesk.replies import Reply
from socialdesk.replies import State as Sent
from socialdesk.satisfaction.questions import ClosingQuestion

FEW = 20  # answers; with fewer the share says little


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Questions that reached X in the period, and what has come of them by now."""

    account_id: int
    language: str
    asked: int
    answered: int
    helped: int

    @property
    def share(self) -> float | None:
        """Of the answers, those that say we could help; None without any."""
        return self.helped / self.answered if self.answered else None

    @property
    def few(self) -> bool:
        return self.answered < FEW


def figures(session: Session, asked: Asked) -> list[Satisfaction]:
    """By account and language. The language is the one that was asked in, the moment that of asking."""
    answered = col(ClosingQuestion.answered_at).is_not(None)
    columns: tuple[Any, ...] = (
        ClosingQuestion.account_id,
        ClosingQuestion.language,
        func.count(),
        func.sum(either((answered, 1), else_=0)),
        func.sum(either((answered & col(ClosingQuestion.helped), 1), else_=0)),
    )
    query = (
        select(*columns)
        .join(Reply, col(Reply.id) == ClosingQuestion.reply_id)
        .where(
            Reply.state == Sent.SENT,
            asked.when(col(ClosingQuestion.asked_at)),
            asked.whose(ClosingQuestion),
        )
        .group_by(col(ClosingQuestion.account_id), col(ClosingQuestion.language))
        .order_by(col(ClosingQuestion.account_id), col(ClosingQuestion.language))
    )
    return [Satisfaction(*row) for row in session.connection().execute(query)]


def by_language(rows: list[Satisfaction]) -> list[Satisfaction]:
    """The same over all accounts, whose number is 0."""
    languages = sorted({row.language for row in rows})
    return [
        Satisfaction(
            0,
            language,
            sum(row.asked for row in rows if row.language == language),
            sum(row.answered for row in rows if row.language == language),
            sum(row.helped for row in rows if row.language == language),
        )
        for language in languages
    ]
