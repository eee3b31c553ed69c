"""How many targets were met and missed, of the cases opened in a period.

Each case says itself what it kept (targets.py); what it says is summed where the case is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlmodel import Session

from socialdesk import clock, targets
from socialdesk.cases import Case
from socialdesk.figures.asking import Asked

COLUMNS = ("first_in_target", "next_in_target", "next_late", "resolved_in_target")


@dataclass(frozen=True, slots=True)
class Kept:
    """How many targets of each kind were met and missed; `overdue` are open cases that miss one now."""

    first_met: int = 0
    first_missed: int = 0
    next_met: int = 0
    next_missed: int = 0
    resolved_met: int = 0
    resolved_missed: int = 0
    overdue: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def met(self) -> int:
        return self.first_met + self.next_met + self.resolved_met

    @property
    def missed(self) -> int:
        return self.first_missed + self.next_missed + self.resolved_missed + self.overdue

    @property
    def share(self) -> float | None:
        """Of all that is decided, and of what is missed already; None when there is nothing of either."""
        decided = self.met + self.missed
        return self.met / decided if decided else None


NOTHING_KEPT = Kept()


def of_case(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """What a case adds to which figures; a new one has only what it was given."""
    for kind in ("first", "resolved"):
        met = row.get(f"{kind}_in_target")
        if met is not None:
            yield f"{kind}_{'met' if met else 'missed'}", 1
    yield "next_met", row.get("next_in_target") or 0
    yield "next_missed", row.get("next_late") or 0


def kept(summed: Mapping[str, int], overdue: int) -> Kept:
    """From the summed figures of one language."""
    return Kept(**{each.name: summed.get(each.name, 0) for each in fields(Kept)} | {"overdue": overdue})


def overdue(session: Session, asked: Asked) -> dict[str, int]:
    """By language; from an index that holds nothing but what is due, which only waiting cases are. Nothing
    is asked of a desk without targets."""
    if targets.in_force(session).fingerprint is None:
        return {}
    case: Any = Case
    query = select(case.language, func.count()).where(
        case.due_at.is_not(None), case.due_at <= clock.now(), asked.when(_unsearched(case.opened_at))
    )
    query = query.where(asked.whose(case, channel=case.visibility)).group_by(case.language)
    rows = session.connection().execute(query).all()
    return {row[0]: row[1] for row in rows}


def _unsearched(column: Any) -> Any:
    """The same, but for the planner, which would read all cases of the period to find those few."""
    return type_coerce(func.nullif(column, None), column.type)
