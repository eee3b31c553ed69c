"""What is left to answer in one language, in the order in which it is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_NEVER = datetime.max.replace(tzinfo=UTC)
_A_WHOLE_ONE = 0.5  # less than half a message is nobody's


class Line:
    """Parts of it, each with when it is due; expected messages come in fractions."""

    def __init__(self, waiting: int, dues: Sequence[datetime], now: datetime) -> None:
        self.overdue = sum(due <= now for due in dues)
        self.breach_at: datetime | None = None
        coming = [[due, 1.0] for due in dues]
        self._parts: list[tuple[datetime, float]] = [(due, 1.0) for due in dues]
        if waiting > len(coming):
            self._parts.append((_NEVER, float(waiting - len(coming))))
        self._now = now

    @property
    def left(self) -> float:
        return sum(amount for _, amount in self._parts)

    def comes(self, amount: float, due: datetime | None) -> None:
        if amount > 0:
            self._parts.append((due or _NEVER, amount))
            self._parts.sort()

    def answer(self, most: float) -> float:
        """Of what is due first so much; returns how much of it there was."""
        done = 0.0
        while self._parts and done < most:
            due, amount = self._parts.pop(0)
            taken = min(amount, most - done)
            done += taken
            if amount > taken:
                self._parts.insert(0, (due, amount - taken))
        return done

    def passes(self, moment: datetime) -> None:
        """It has become so late: the first that is due by then, and was not when all began, is the breach."""
        if self.breach_at is not None:
            return
        missed = 0.0
        for due, amount in self._parts:
            missed += amount if self._now < due <= moment else 0.0
            if missed >= _A_WHOLE_ONE:
                self.breach_at = due
                return
