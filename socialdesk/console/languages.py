"""The language statistics, for supervisors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from socialdesk import accounts, clock, measures, satisfaction, targets
from socialdesk.console import health, statistics
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.pages import Pages
from socialdesk.console.periods import PRESETS, AskedFor, Period
from socialdesk.console.statistics import Point
from socialdesk.figures import accuracy, behind, reports, still_waiting, sums
from socialdesk.figures.asking import Asked
from socialdesk.figures.behind import Figure, Number
from socialdesk.figures.reports import LanguageFigures
from socialdesk.replying import handovers

router = APIRouter()
EVER = datetime(1970, 1, 1, tzinfo=UTC)
READ_ONE_BY_ONE = 10_000  # messages; how right the detectors were is measured by reading them


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page says about one period."""

    lines: list[LanguageFigures]
    before: dict[str, LanguageFigures]
    earlier: LanguageFigures | None
    hours: Mapping[int, int]
    topics: Mapping[str, Mapping[str, int]]
    corrections: Mapping[tuple[str, str], int]


@router.get("/languages")
def show(visit: Admitted, period: AskedFor, details: str = "") -> Response:
    asked = period.asked(visit.accounts)
    with visit.database.reading() as session:
        shown = _figures(session, asked, compare=period.compare)
        total = reports.total(shown.lines)
        measured = details == "1" or total.messages <= READ_ONE_BY_ONE
        told = _measured(visit, session, asked) if measured else {"measured": None}
        has_hours = targets.in_force(session).has_business_hours
        helped = satisfaction.by_language(satisfaction.figures(session, asked))
        names = accounts.all_of(session)
        health_of = health.of(visit, session)
    return visit.page(
        "languages.html",
        period=period,
        presets=PRESETS,
        shown=shown,
        total=total,
        has_hours=has_hours,
        satisfaction=helped,
        most=_most(shown.lines),
        volume=_volume(shown.hours, asked, period),
        week=statistics.week(shown.hours, period.zone),
        names=[each for each in names if visit.accounts is None or each.id in visit.accounts],
        titles={entry.id: entry.title for entry in visit.desk.library.templates},
        took=_took,
        changed=statistics.changed,
        dollars=measures.dollars,
        topics_of=_topics_of,
        accounts=health_of,
        **told,
    )


@router.get("/languages.csv")
def export(visit: Admitted, period: AskedFor) -> Response:
    asked = period.asked(visit.accounts)
    with visit.database.reading() as session:
        lines = reports.of_period(session, asked)
    columns = list(statistics.told(LanguageFigures("und")))
    text = statistics.as_csv(map(statistics.told, lines), columns)
    kept_as = {"Content-Disposition": 'attachment; filename="languages.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=kept_as)


@router.get("/languages/cases")
def cases(
    visit: Admitted,
    period: AskedFor,
    figure: Figure,
    language: Annotated[str, Query(max_length=16)] = "",
    topic: Annotated[str, Query(max_length=64)] = "",
    corrected: Annotated[str, Query(max_length=16)] = "",
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """The cases that a number counts."""
    only = {"figure": figure.value, "language": language, "topic": topic, "corrected": corrected}
    with visit.database.reading() as session:
        asked = period.asked(visit.accounts)
        number = Number(figure, asked, language or None, topic or None, corrected or None)
        found = behind.cases(session, number, after=after)
        times = behind.times(session, number, [case.id or 0 for case, _ in found[: behind.PAGE]])
        health_of = health.of(visit, session)
    return visit.page(
        "languages/cases.html",
        period=period,
        only=only,
        rows=found[: behind.PAGE],
        times=times,
        more=len(found) > behind.PAGE,
        accounts=health_of,
    )


def chart(templates: Path, lines: Sequence[LanguageFigures]) -> str:
    """The page's picture as an SVG document of its own."""
    return Pages(templates, static="").draw("chart.svg", lines=lines, most=_most(lines))


def _figures(session: Session, asked: Asked, *, compare: bool) -> _Shown:
    before = asked.before() if compare else None
    waiting = still_waiting.read(session, asked, compared=before)
    corrections = sums.corrections(session, asked)
    lines = reports.of(session, asked, waiting, corrections)
    earlier = reports.of(session, before, waiting, sums.corrections(session, before)) if before else []
    return _Shown(
        lines,
        {line.language: line for line in earlier},
        reports.total(earlier) if before else None,
        sums.by_hour(session, asked) if asked.since else {},
        sums.topics(session, asked),
        corrections,
    )


def _measured(visit: Visit, session: Session, asked: Asked) -> dict[str, Any]:
    """What is found by reading messages one by one."""
    since, until = asked.moments
    asking = handovers.templates(visit.desk.library)
    return {
        "measured": accuracy.measure(session, asked),
        "measured_topics": accuracy.measure_topics(session, asked),
        "handed_over": handovers.measure(session, asking, since=since or EVER, until=until or clock.now()),
    }


def _volume(hours: Mapping[int, int], asked: Asked, period: Period) -> list[Point]:
    if asked.since is None or asked.until is None:
        return []
    return statistics.volume(hours, asked.since, asked.until, period.zone)


def _topics_of(topics: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Every topic that any language has, the one with most cases first."""
    counted: Counter[str] = Counter()
    for numbers in topics.values():
        counted.update(numbers)
    return [topic for topic, _ in counted.most_common()]


def _took(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def _most(lines: Sequence[LanguageFigures]) -> int:
    """What the longest bar stands for."""
    return max((max(line.messages, line.replies) for line in lines), default=0) or 1
