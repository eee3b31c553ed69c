"""The language statistics that supervisors watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session, col, func, select

from socialdesk import counts
from socialdesk.cases import Case, Status
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED
from socialdesk.messages import Direction, Message


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """One language's line.

    `messages` from customers and `replies` of ours were written in the period; `open_cases` wait for us
    or for the customer now; `median_first_response` is over the cases opened in the period that have had a
    first answer, `unanswered` counts those that have not.
    """

    language: str
    messages: int = 0
    replies: int = 0
    open_cases: int = 0
    waiting_cases: int = 0
    median_first_response: timedelta | None = None
    unanswered: int = 0


def by_language(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> list[LanguageFigures]:
    """A line for each language that has anything in it; most messages first, then by name.

    The period is half open: from `since` up to, not including, `until`; without them it is all there is.
    """
    written = _messages(session, since, until)
    open_now = counts.by_status_and_language(session)
    waits = _first_responses(session, since, until)
    lines = [
        _line(code, written, open_now, waits.get(code, [])) for code in (*LANGUAGES, OTHER, UNDETERMINED)
    ]
    return sorted((line for line in lines if line != LanguageFigures(line.language)), key=_order)


def total(lines: Iterable[LanguageFigures]) -> LanguageFigures:
    """The sums over all languages; a median has none."""
    lines = list(lines)
    return LanguageFigures(
        language="all",
        messages=sum(line.messages for line in lines),
        replies=sum(line.replies for line in lines),
        open_cases=sum(line.open_cases for line in lines),
        waiting_cases=sum(line.waiting_cases for line in lines),
        unanswered=sum(line.unanswered for line in lines),
    )


def _line(
    code: str,
    written: dict[tuple[str, str], int],
    open_now: dict[tuple[str, str], int],
    waits: list[float | None],
) -> LanguageFigures:
    answered = [seconds for seconds in waits if seconds is not None]
    waiting = open_now.get((Status.WAITING, code), 0)
    return LanguageFigures(
        language=code,
        messages=written.get((Direction.INBOUND, code), 0),
        replies=written.get((Direction.OUTBOUND, code), 0),
        open_cases=waiting + open_now.get((Status.ANSWERED, code), 0),
        waiting_cases=waiting,
        median_first_response=timedelta(seconds=median(answered)) if answered else None,
        unanswered=len(waits) - len(answered),
    )


def _messages(session: Session, since: datetime | None, until: datetime | None) -> dict[tuple[str, str], int]:
    query = select(Message.direction, Message.language, func.count()).group_by(
        Message.direction, Message.language
    )
    if since:
        query = query.where(col(Message.sent_at) >= since)
    if until:
        query = query.where(col(Message.sent_at) < until)
    return {(direction, language): number for direction, language, number in session.exec(query)}


def _first_responses(
    session: Session, since: datetime | None, until: datetime | None
) -> dict[str, list[float | None]]:
    query = select(Case.language, Case.opened_at, Case.first_response_at)
    query = query.where(col(Case.merged_into_id).is_(None))
    if since:
        query = query.where(col(Case.opened_at) >= since)
    if until:
        query = query.where(col(Case.opened_at) < until)
    found: dict[str, list[float | None]] = {}
    for language, opened_at, first_response_at in session.exec(query):
        took = (first_response_at - opened_at).total_seconds() if first_response_at else None
        found.setdefault(language, []).append(took)
    return found


def _order(line: LanguageFigures) -> tuple[int, str]:
    return -line.messages, line.language
