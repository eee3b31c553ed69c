"""The cases behind a number: each figure opens exactly those that it counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import func, literal
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.cases import Case, Status
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.customers import Customer
from socialdesk.figures import whose
from socialdesk.figures.asking import Asked
from socialdesk.figures.counting import FROM_DESK
from socialdesk.figures.slots import Slot
from socialdesk.figures.waits import Wait
from socialdesk.messages import Direction, Message
from socialdesk.replies import Reply, State

PAGE = 50
_Finding = Callable[[Asked, str | None, str | None], Any]


class Figure(StrEnum):
    MESSAGES = "messages"
    REPLIES = "replies"
    AUTOMATED = "automated"
    ELSEWHERE = "elsewhere"
    UNCHANGED = "unchanged"
    OPENED = "opened"
    REOPENED = "reopened"
    RESPONDED = "responded"
    UNANSWERED = "unanswered"
    CORRECTED = "corrected"
    OPEN = "open"
    WAITING = "waiting"
    FIRST_MET = "first_met"
    FIRST_MISSED = "first_missed"
    NEXT_MET = "next_met"
    NEXT_MISSED = "next_missed"
    RESOLVED_MET = "resolved_met"
    RESOLVED_MISSED = "resolved_missed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the statistics: which figure, of what. `topic` is of the cases that were opened,
    `corrected` what the language was corrected to, and `slot` the hours in which messages were written."""

    figure: Figure
    asked: Asked
    language: str | None = None
    topic: str | None = None
    corrected: str | None = None
    slot: Slot | None = None

    def counted(self) -> Any:
        """The rows that it counts, as a table of whose case each is and for how many it stands."""
        found = self._found()
        if len(found.selected_columns) == 1:
            found = found.add_columns(literal(1))
        return found.subquery()

    def _found(self) -> Any:
        if self.slot is None:
            return _BEHIND[self.figure](self.asked, self.language, self.corrected)
        whenever = replace(self.asked, since=None, until=None)  # its hours are all in the period
        return _received(whenever, self.language, None).where(
            self.slot.when(self.asked, col(Message.sent_at))
        )


def cases(session: Session, number: Number, *, after: int = 0) -> Sequence[tuple[Case, Customer]]:
    """A page of them by rising id, from the one after `after`; one more than `PAGE` when there are more."""
    case: Any = Case
    case_id, _ = number.counted().c
    query: Any = (
        select(Case, Customer)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .where(case.id.in_(select_columns(case_id)), case.id > after)
    )
    if number.topic:
        query = query.where(case.topic == number.topic)
    found: Sequence[tuple[Case, Customer]] = session.exec(query.order_by(case.id).limit(PAGE + 1)).all()
    return found


def times(session: Session, number: Number, case_ids: Collection[int]) -> dict[int, int]:
    """For how many each of these cases stands in the number."""
    case_id, counted = number.counted().c
    query = select_columns(case_id, func.sum(counted)).where(case_id.in_(case_ids)).group_by(case_id)
    rows = session.connection().execute(query).all()
    return {row[0]: int(row[1]) for row in rows}


def _unanswered(asked: Asked, language: str | None, _: str | None) -> Any:
    since = col(Case.unanswered_since)
    return _cases(asked, language, since.is_not(None), asked.when(since))


def _received(asked: Asked, language: str | None, _: str | None) -> Any:
    return _written(asked, language).where(col(Message.direction) == Direction.INBOUND)


def _elsewhere(asked: Asked, language: str | None, _: str | None) -> Any:
    ours = _written(asked, language).where(col(Message.direction) == Direction.OUTBOUND)
    return ours.where(col(Message.language_source) != FROM_DESK)


def _written(asked: Asked, language: str | None) -> Any:
    message: Any = Message
    query = select_columns(message.case_id).where(
        asked.when(message.sent_at), asked.whose(message, channel=message.visibility)
    )
    return query.where(message.language == language) if language else query


def _replied(asked: Asked, language: str | None, *more: Any) -> Any:
    """Found by their first part's message, of which there is an index by time; it left a little earlier."""
    reply, message = _ANY_REPLY, _ANY_MESSAGE
    query = (
        select_columns(reply.case_id)
        .join(message, (message.account_id == reply.account_id) & (message.x_id == reply.x_id))
        .where(
            reply.state == State.SENT,
            asked.when(reply.sent_at),
            asked.whose(reply, channel=reply.visibility),
            *more,
        )
    )
    return query.where(message.language == language) if language else query


_ANY_REPLY: Any = Reply
_ANY_MESSAGE: Any = Message
_BY_PEOPLE = whose.by_people()


def _by_people(asked: Asked, language: str | None, _: str | None) -> Any:
    return _replied(asked, language, _BY_PEOPLE)


def _automated(asked: Asked, language: str | None, _: str | None) -> Any:
    return _replied(asked, language, ~_BY_PEOPLE)


def _unchanged(asked: Asked, language: str | None, _: str | None) -> Any:
    untold = col(Reply.verbatim).is_(None) & col(Reply.template_id).is_not(None) & (col(Reply.revision) == 1)
    return _replied(asked, language, _BY_PEOPLE, col(Reply.verbatim).is_(True) | untold)


def _opened(asked: Asked, language: str | None, _: str | None) -> Any:
    return _cases(asked, language, asked.when(col(Case.opened_at)), col(Case.merged_into_id).is_(None))


def _open(asked: Asked, language: str | None, _: str | None) -> Any:
    return _cases(asked, language, col(Case.status) != Status.RESOLVED)


def _waiting(asked: Asked, language: str | None, _: str | None) -> Any:
    return _cases(asked, language, col(Case.status) == Status.WAITING)


def _promised(column: Any, kept: bool) -> _Finding:
    """Of the cases opened in the period, those whose target was met, or was not."""

    def find(asked: Asked, language: str | None, _: str | None) -> Any:
        return _opened(asked, language, None).where(column.is_(kept))

    return find


def _promised_often(column: Any) -> _Finding:
    def find(asked: Asked, language: str | None, _: str | None) -> Any:
        return _opened(asked, language, None).add_columns(column).where(column > 0)

    return find


def _overdue(asked: Asked, language: str | None, _: str | None) -> Any:
    due_at = col(Case.due_at)
    late = (due_at.is_not(None), due_at <= clock.now())
    return _cases(asked, language, asked.when(col(Case.opened_at)), *late)


def _cases(asked: Asked, language: str | None, *more: Any) -> Any:
    case: Any = Case
    query = select_columns(case.id).where(asked.whose(case, channel=case.visibility), *more)
    return query.where(case.language == language) if language else query


def _reopened(asked: Asked, language: str | None, _: str | None) -> Any:
    return _waits(asked, language, col(Wait.reopened))


def _responded(asked: Asked, language: str | None, _: str | None) -> Any:
    return _waits(asked, language, col(Wait.answered_at).is_not(None))


def _waits(asked: Asked, language: str | None, *more: Any) -> Any:
    wait: Any = Wait
    query = select_columns(wait.case_id).where(
        asked.when(wait.began_at), asked.whose(wait, channel=wait.visibility), *more
    )
    return query.where(wait.language == language) if language else query


def _corrected(asked: Asked, language: str | None, corrected: str | None) -> Any:
    """Here the language is the one that was detected."""
    row: Any = LanguageCorrection
    query = select_columns(row.case_id).where(asked.when(row.corrected_at), asked.whose(row))
    if asked.visibility:
        query = query.join(Message, col(Message.id) == row.message_id)
        query = query.where(col(Message.visibility) == asked.visibility)
    if corrected:
        query = query.where(row.corrected == corrected)
    return query.where(row.detected == language) if language else query


_BEHIND: dict[Figure, _Finding] = {
    Figure.MESSAGES: _received,
    Figure.REPLIES: _by_people,
    Figure.AUTOMATED: _automated,
    Figure.ELSEWHERE: _elsewhere,
    Figure.UNCHANGED: _unchanged,
    Figure.OPENED: _opened,
    Figure.REOPENED: _reopened,
    Figure.RESPONDED: _responded,
    Figure.UNANSWERED: _unanswered,
    Figure.CORRECTED: _corrected,
    Figure.OPEN: _open,
    Figure.WAITING: _waiting,
    Figure.FIRST_MET: _promised(col(Case.first_in_target), True),
    Figure.FIRST_MISSED: _promised(col(Case.first_in_target), False),
    Figure.NEXT_MET: _promised_often(col(Case.next_in_target)),
    Figure.NEXT_MISSED: _promised_often(col(Case.next_late)),
    Figure.RESOLVED_MET: _promised(col(Case.resolved_in_target), True),
    Figure.RESOLVED_MISSED: _promised(col(Case.resolved_in_target), False),
    Figure.OVERDUE: _overdue,
}
