"""How often languages and topics were right, as agents who had them before them left or corrected them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from socialdesk.cases import Case
from socialdesk.casework.corrections import CHOICES, LanguageCorrection
from socialdesk.casework.sorting import TopicCorrection
from socialdesk.figures.asking import EVERYTHING, Asked
from socialdesk.history import CaseEvent
from socialdesk.messages import Direction, Message
from socialdesk.topics import TOPICS

_NORMAL_95 = 1.959964  # of the standard normal distribution, 95 % lie within so many deviations
# The desk writes these down when a reply leaves, in the name of whoever approved it earlier.
_BY_THE_DESK = ("we_wrote", "reply_sent")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of what was taken for one language or topic: `seen` by an agent, and `corrected` since."""

    code: str
    seen: int = 0
    corrected: int = 0

    @property
    def right(self) -> float | None:
        """From 0 to 1; None when nobody has seen any: that proves nothing."""
        return 1 - self.corrected / self.seen if self.seen else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies, 95 times of 100 (Wilson 1927: it holds for few messages as well)."""
        if self.right is None:
            return None
        spread = _NORMAL_95**2 / self.seen
        middle = (self.right + spread / 2) / (1 + spread)
        reach = sqrt(spread * (self.right * (1 - self.right) + spread / 4)) / (1 + spread)
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class Measured:
    """`lines` by what was told, most seen first; `corrections` counts each told → corrected; `order` is
    that of the matrix."""

    lines: list[Accuracy]
    corrections: Mapping[tuple[str, str], int]
    order: Sequence[str] = CHOICES

    def of(self, code: str) -> Accuracy:
        return next((line for line in self.lines if line.code == code), Accuracy(code))

    @property
    def total(self) -> Accuracy:
        return Accuracy("all", sum(line.seen for line in self.lines), sum(self.corrections.values()))

    @property
    def taken_for(self) -> list[str]:
        """The matrix's rows: everything that something was wrongly taken for."""
        return self._ordered(told for told, _ in self.corrections)

    @property
    def truly(self) -> list[str]:
        """The matrix's columns: everything that something truly was."""
        return self._ordered(corrected for _, corrected in self.corrections)

    def _ordered(self, codes: Iterable[str]) -> list[str]:
        return sorted(set(codes), key=self.order.index)


def measure(session: Session, asked: Asked = EVERYTHING) -> Measured:
    """Over the messages written in the period.

    An agent has seen a message when he did something in its case after it had come in: drafted, approved,
    took, resolved, corrected. Messages in cases that nobody has worked on say nothing about the detector.
    """
    return _measured(session.exec(_seen_messages(asked)), CHOICES)


def measure_topics(session: Session, asked: Asked = EVERYTHING) -> Measured:
    """The same of the topics that words have told, over the cases opened in the period."""
    return _measured(session.exec(_seen_cases(asked)), tuple(TOPICS))


def _measured(rows: Iterable[tuple[str, str | None, str | None, int]], order: Sequence[str]) -> Measured:
    """From rows of what stands now, what was told, corrected (both None if never corrected), how many."""
    seen: Counter[str] = Counter()
    corrections: Counter[tuple[str, str]] = Counter()
    for now, told, corrected, number in rows:
        seen[told or now] += number
        if told and corrected:
            corrections[told, corrected] += number
    lines = [Accuracy(code, number, _away(corrections, code)) for code, number in seen.items()]
    return Measured(sorted(lines, key=lambda line: (-line.seen, line.code)), dict(corrections), order)


def _away(corrections: Mapping[tuple[str, str], int], code: str) -> int:
    return sum(number for (told, _), number in corrections.items() if told == code)


def _worked_on(case_id: Any, *since: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an agent has done something in the case. It is asked of each that is counted, so that a month
    reads a month's events; what all of them were done until would have to be read of all there are."""
    done = select(CaseEvent.id).where(
        CaseEvent.case_id == case_id,
        col(CaseEvent.agent_id).is_not(None),
        col(CaseEvent.kind).not_in(_BY_THE_DESK),
        *since,
    )
    return done.exists()


def _seen_messages(asked: Asked) -> Any:
    worked = _worked_on(Message.case_id, col(CaseEvent.at) >= Message.taken_in_at)
    told = (col(Message.language), col(LanguageCorrection.detected), col(LanguageCorrection.corrected))
    whose = asked.whose(Message, channel=col(Message.visibility))
    return (
        select(*told, func.count())
        .join(LanguageCorrection, col(LanguageCorrection.message_id) == Message.id, isouter=True)
        .where(Message.direction == Direction.INBOUND, worked)
        .where(asked.when(col(Message.sent_at)), whose)
        .group_by(*told)
    )


def _seen_cases(asked: Asked) -> Any:
    told = (col(Case.topic), col(TopicCorrection.told), col(TopicCorrection.corrected))
    whose = asked.whose(Case, channel=col(Case.visibility))
    return (
        select(*told, func.count())
        .join(TopicCorrection, col(TopicCorrection.case_id) == Case.id, isouter=True)
        .where(col(Case.topic_score).is_not(None), _worked_on(Case.id))
        .where(asked.when(col(Case.opened_at)), whose)
        .group_by(*told)
    )
