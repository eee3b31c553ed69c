"""A customer's dealings with us at a glance: since when, how often, and what came of it lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from socialdesk.cases import Case, Status
from socialdesk.worklists.dossiers import Around

SHOWN = 10
What = Literal["opened", "answered", "resolved", "merged"]


@dataclass(frozen=True, slots=True)
class Dealing:
    """One thing that happened to one of the customer's cases."""

    at: datetime
    what: What
    case: Case


@dataclass(frozen=True, slots=True)
class Dealings:
    """`number` cases, `more` when there may be others; `first_at` is None where the first was not read, and
    `last` are the newest happenings first."""

    number: int
    more: bool
    still_open: int
    first_at: datetime | None
    last: list[Dealing]


def of(around: Around) -> Dealings:
    """Of the cases that the page has read anyway; merged ones are no cases of their own."""
    cases = [case for case in around.own if case.merged_into_id is None]
    found = sorted((each for case in around.own for each in _of_case(case)), key=_in_order, reverse=True)
    still_open = sum(case.status != Status.RESOLVED for case in cases)
    first = None if around.more else min((case.opened_at for case in cases), default=None)
    return Dealings(len(cases), around.more, still_open, first, found[:SHOWN])


def _of_case(case: Case) -> Iterator[Dealing]:
    yield Dealing(case.opened_at, "opened", case)
    if case.first_response_at:
        yield Dealing(case.first_response_at, "answered", case)
    if case.resolved_at:
        yield Dealing(case.resolved_at, "merged" if case.merged_into_id else "resolved", case)


def _in_order(dealing: Dealing) -> tuple[datetime, int]:
    return dealing.at, dealing.case.id or 0
