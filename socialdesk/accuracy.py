"""How often the detector was right, as agents who had its word before them left it or put it right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from sqlmodel import Session, col, func, select

from socialdesk.cases import CaseEvent
from socialdesk.corrections import CHOICES, LanguageCorrection
from socialdesk.messages import Direction, Message

_NORMAL_95 = 1.959964  # of the standard normal distribution, 95 % lie within so many deviations
# The desk writes these down when a reply leaves, in the name of whoever approved it earlier.
_BY_THE_DESK = ("we_wrote", "reply_sent")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of the customers' messages detected as one language: `seen` by an agent, and `corrected` since."""

    language: str
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
    """`lines` by what was detected, most seen first; `corrections` counts each detected → corrected."""

    lines: list[Accuracy]
    corrections: Mapping[tuple[str, str], int]

    def of(self, language: str) -> Accuracy:
        return next((line for line in self.lines if line.language == language), Accuracy(language))

    @property
    def total(self) -> Accuracy:
        return Accuracy("all", sum(line.seen for line in self.lines), sum(self.corrections.values()))

    @property
    def taken_for(self) -> list[str]:
        """The matrix's rows: every language that something was wrongly taken for."""
        return _ordered(detected for detected, _ in self.corrections)

    @property
    def truly(self) -> list[str]:
        """The matrix's columns: every language that something truly was in."""
        return _ordered(corrected for _, corrected in self.corrections)


def measure(session: Session, *, since: datetime | None = None, until: datetime | None = None) -> Measured:
    """Over the messages written in the half-open period; without bounds, over all there are.

    An agent has seen a message when he did something in its case after it had come in: drafted, approved,
    took, resolved, corrected. Messages in cases that nobody has worked on say nothing about the detector.
    """
    seen: Counter[str] = Counter()
    corrections: Counter[tuple[str, str]] = Counter()
    for language, detected, corrected, number in session.exec(_seen(since, until)):
        seen[detected or language] += number
        if detected:
            corrections[detected, corrected] += number
    lines = [Accuracy(code, number, _away(corrections, code)) for code, number in seen.items()]
    return Measured(sorted(lines, key=lambda line: (-line.seen, line.language)), dict(corrections))


def _away(corrections: Mapping[tuple[str, str], int], language: str) -> int:
    return sum(number for (detected, _), number in corrections.items() if detected == language)


def _ordered(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes), key=CHOICES.index)


def _seen(since: datetime | None, until: datetime | None) -> Any:
    """Rows of language now, detected, corrected (both None if never corrected) and how many messages."""
    worked = (
        select(CaseEvent.case_id, func.max(CaseEvent.at).label("until"))
        .where(col(CaseEvent.agent_id).is_not(None), col(CaseEvent.kind).not_in(_BY_THE_DESK))
        .group_by(col(CaseEvent.case_id))
        .subquery()
    )
    told = (col(Message.language), col(LanguageCorrection.detected), col(LanguageCorrection.corrected))
    query = (
        select(*told, func.count())
        .join(worked, worked.c.case_id == Message.case_id)
        .join(LanguageCorrection, col(LanguageCorrection.message_id) == Message.id, isouter=True)
        .where(Message.direction == Direction.INBOUND, col(Message.taken_in_at) <= worked.c.until)
        .group_by(*told)
    )
    if since:
        query = query.where(col(Message.sent_at) >= since)
    if until:
        query = query.where(col(Message.sent_at) < until)
    return query
