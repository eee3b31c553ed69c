"""The language statistics that supervisors watch; what each figure means is in docs/statistics.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from socialdesk import counts
from socialdesk.cases import Status
from socialdesk.figures import first_responses, promised, still_waiting, sums
from socialdesk.figures.asking import Asked
from socialdesk.figures.counting import MICRO
from socialdesk.figures.first_responses import NO_RESPONSES, FirstResponses
from socialdesk.figures.promised import NOTHING_KEPT, Kept
from socialdesk.figures.rollups import COSTS
from socialdesk.figures.still_waiting import Waiting
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """One language's line.

    All was written, opened or begun in the period, but for `open_cases`, which wait for us or for the
    customer now, and `waiting_cases`, for us. `responses` are the first answers of people, over openings and
    reopenings, `kept` the targets of the opened cases; the costs are in millionths of a dollar.
    """

    language: str
    messages: int = 0
    replies: int = 0
    automated: int = 0
    elsewhere: int = 0
    unchanged: int = 0
    opened: int = 0
    reopened: int = 0
    corrected: int = 0
    cost_answers: int = 0
    cost_posts: int = 0
    cost_links: int = 0
    cost_messages: int = 0
    open_cases: int = 0
    waiting_cases: int = 0
    oldest_since: datetime | None = None
    responses: FirstResponses = NO_RESPONSES
    kept: Kept = NOTHING_KEPT

    @property
    def median_first_response(self) -> timedelta | None:
        return self.responses.median

    @property
    def ninetieth_first_response(self) -> timedelta | None:
        return self.responses.ninetieth

    @property
    def unanswered(self) -> int:
        return self.responses.unanswered

    @property
    def cost(self) -> Decimal:
        """In dollars."""
        micro = self.cost_answers + self.cost_posts + self.cost_links + self.cost_messages
        return Decimal(micro) / MICRO


# What is kept under another name, and the rest.
_SUMMED = {"messages": "received", "replies": "replied"} | {
    name: name for name in ("automated", "elsewhere", "unchanged", "opened", "reopened", *COSTS)
}
_ADDED = tuple(field.name for field in fields(LanguageFigures) if field.type == "int")


def by_language(
    session: Session,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    accounts: frozenset[int] | None = None,
    visibility: str | None = None,
) -> list[LanguageFigures]:
    """A line for each language that has anything in it; most messages first, then by name.

    The period is half open, from `since` up to, not including, `until`, and by whole hours; without them it
    is all there is.
    """
    asked = Asked(since, until, accounts, visibility)
    return of_period(session, asked)


def of_period(session: Session, asked: Asked) -> list[LanguageFigures]:
    return of(session, asked, still_waiting.read(session, asked), sums.corrections(session, asked))


def of(
    session: Session, asked: Asked, waiting: Waiting, corrections: Mapping[tuple[str, str], int]
) -> list[LanguageFigures]:
    """The same, for who has read already which cases wait now and what was corrected in the period."""
    summed = sums.by_language(session, asked)
    responded = sum(figures["responded"] for figures in summed.values())
    responses = first_responses.by_language(session, asked, responded, waiting.going)
    corrected: Counter[str] = Counter()
    for (detected, _), number in corrections.items():
        corrected[detected] += number
    open_now, overdue = _open_now(session, asked), promised.overdue(session, asked)
    lines = [
        replace(
            _line(code, summed.get(code, Counter())),
            waiting_cases=waiting.cases.get(code, 0),
            oldest_since=waiting.oldest.get(code),
            open_cases=open_now.get(code, 0),
            corrected=corrected[code],
            responses=responses.get(code, NO_RESPONSES),
            kept=promised.kept(summed.get(code, {}), overdue.get(code, 0)),
        )
        for code in (*LANGUAGES, OTHER, UNDETERMINED)
    ]
    return sorted((line for line in lines if line != LanguageFigures(line.language)), key=_order)


def total(lines: Iterable[LanguageFigures]) -> LanguageFigures:
    """The sums over all languages; a median has none."""
    lines = list(lines)
    summed: dict[str, int] = {name: sum(getattr(line, name) for line in lines) for name in _ADDED}
    number = sum(line.responses.number for line in lines)
    unanswered = sum(line.responses.unanswered for line in lines)
    return LanguageFigures(
        language="all",
        oldest_since=min((line.oldest_since for line in lines if line.oldest_since), default=None),
        responses=FirstResponses(number, unanswered),
        kept=sum((line.kept for line in lines), start=NOTHING_KEPT),
        **summed,
    )


def _line(code: str, summed: Mapping[str, int]) -> LanguageFigures:
    told: dict[str, int] = {name: summed.get(figure, 0) for name, figure in _SUMMED.items()}
    return LanguageFigures(language=code, **told)  # type: ignore[arg-type]


def _open_now(session: Session, asked: Asked) -> dict[str, int]:
    if asked.visibility:
        return first_responses.open_now(session, asked)
    found: Counter[str] = Counter()
    for (status, language), number in counts.by_status_and_language(session, asked.accounts).items():
        if status in (Status.WAITING, Status.ANSWERED):
            found[language] += number
    return found


def _order(line: LanguageFigures) -> tuple[int, str]:
    return -line.messages, line.language
