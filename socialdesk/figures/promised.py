"""How many targets were met and missed, of the cases opened in a period.

Each case says itself what it kept (targets.py); what it says is summed where the case is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select, true, type_coerce
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import Session

from socialdesk import clock, targets
from socialdesk.cases import Case
from socialdesk.figures.asking import Asked
from socialdesk.figures.kept import is_theirs, narrowed, whose

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
    """By language; from an index that holds nothing but what is due, which only waiting cases are, counted in
    its order. Nothing is asked of a desk without targets."""
    if targets.in_force(session).fingerprint is None:
        return {}
    since, until = asked.moments
    sqlite = session.get_bind().dialect.name == "sqlite"
    query = _overdue(sqlite, since is not None, until is not None, *narrowed(asked))
    values = {"now": clock.now(), "since": since, "until": until} | whose(asked)
    found: Counter[str] = Counter()
    for language, number in session.connection().execute(query, values):
        found[language] += number
    return found


@lru_cache(64)
def _overdue(sqlite: bool, since: bool, until: bool, accounts: bool, channel: bool) -> Any:
    case: Any = Case
    opened_at = _unsearched(case.opened_at, sqlite=sqlite)
    return (
        select(case.language, func.count())
        .where(
            case.due_at.is_not(None),
            case.due_at <= bindparam("now"),
            opened_at >= bindparam("since") if since else true(),
            opened_at < bindparam("until") if until else true(),
            is_theirs(case, accounts, channel),
        )
        .group_by(case.account_id, case.language, case.visibility)
    )


def _unsearched(column: Any, *, sqlite: bool) -> Any:
    """The same, but for the planner, which would read all cases of the period to find those few."""
    if sqlite:  # which has a sign for that, and calls a function for each row
        return UnaryExpression(column, operator=custom_op("+"), type_=column.type)
    return type_coerce(func.nullif(column, None), column.type)
