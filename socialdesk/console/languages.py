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
from socialdesk.console import charts, health, periods, statistics
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.pages import Pages
from socialdesk.console.periods import PRESETS, AskedFor, Period, SlotAskedFor
from socialdesk.console.statistics import Point
from socialdesk.errors import BadInput
from socialdesk.figures import accuracy, behind, buckets, kept, reports, still_waiting, sums
from socialdesk.figures.asking import Asked
from socialdesk.figures.behind import Figure, Number
from socialdesk.figures.reports import LanguageFigures
from socialdesk.phrases import gettext as _
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
    topics: Mapping[str, Mapping[str, int]]
    corrections: Mapping[tuple[str, str], int]
    volume: list[Point]
    week: list[list[int]]


@router.get("/languages")
def show(visit: Admitted, period: AskedFor, details: str = "") -> Response:
    asked = period.asked(visit.accounts)
    with visit.database.reading() as session:
        with kept.unaided(session):
            shown = _figures(session, asked, period)
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
        volume=shown.volume,
        week=shown.week,
        cases_by_day=_cases_by_day(period, shown.volume),
        charts=charts,
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
    slot: SlotAskedFor = None,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """The cases that a number counts. Raises BadInput for an hour of what is not told by the hour."""
    only = {"figure": figure.value, "language": language, "topic": topic, "corrected": corrected}
    if slot and (figure != Figure.MESSAGES or not period.bounded):
        raise BadInput(_("Only the messages of a period are told by the day or the hour."))
    with visit.database.reading() as session:
        asked = period.asked(visit.accounts)
        number = Number(figure, asked, language or None, topic or None, corrected or None, slot)
        found = behind.cases(session, number, after=after)
        times = behind.times(session, number, [each[0].id or 0 for each in found[: behind.PAGE]])
        health_of = health.of(visit, session)
    return visit.page(
        "languages/cases.html",
        period=period,
        only=only,
        slot=slot,
        following=only | periods.of_slot(slot) if slot else only,
        slot_names=statistics.slot_name(slot, period.first, period.last) if slot else (),
        rows=found[: behind.PAGE],
        times=times,
        more=len(found) > behind.PAGE,
        accounts=health_of,
    )


def chart(templates: Path, lines: Sequence[LanguageFigures]) -> str:
    """The page's picture as an SVG document of its own."""
    return Pages(templates, static="").draw("chart.svg", lines=lines, most=_most(lines))


def _figures(session: Session, asked: Asked, period: Period) -> _Shown:
    before = asked.before(period.zone) if period.compare else None
    waiting = still_waiting.read(session, asked, compared=before)
    corrections = sums.corrections(session, asked)
    lines = reports.of(session, asked, waiting, corrections)
    earlier = reports.of(session, before, waiting, sums.corrections(session, before)) if before else []
    return _Shown(
        lines,
        {line.language: line for line in earlier},
        reports.total(earlier) if before else None,
        sums.topics(session, asked),
        corrections,
        *_over_time(session, asked, period),
    )


def _over_time(session: Session, asked: Asked, period: Period) -> tuple[list[Point], list[list[int]]]:
    """The columns and the cells of the charts; none where the period has no beginning."""
    if asked.since is None or asked.until is None:
        return [], []
    told = buckets.by_clock(sums.by_hour(session, asked), asked.hours[0], period.zone)
    return statistics.volume(told, asked.until - asked.since), statistics.week(told)


def _measured(visit: Visit, session: Session, asked: Asked) -> dict[str, Any]:
    """What is found by reading messages one by one."""
    since, until = asked.moments
    handed_over = handovers.measure(
        session,
        handovers.templates(visit.desk.library),
        since=since or EVER,
        until=until or clock.now(),
        accounts=asked.accounts,
        visibility=asked.visibility,
    )
    return {
        "measured": accuracy.measure(session, asked),
        "measured_topics": accuracy.measure_topics(session, asked),
        "handed_over": handed_over,
    }


def _cases_by_day(period: Period, volume: Sequence[Point]) -> str:
    """Whose address each column's begins with: days that are the same ones tomorrow."""
    days = period if period.first or not volume else period.but(first=volume[0].day, last=volume[-1].day)
    return days.address("/languages/cases", figure=Figure.MESSAGES.value)


def _topics_of(topics: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Every topic that any language has, the one with most cases first."""
    counted: Counter[str] = Counter()
    for numbers in topics.values():
        counted.update(numbers)
    return [each[0] for each in counted.most_common()]


def _took(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def _most(lines: Sequence[LanguageFigures]) -> int:
    """What the longest bar stands for."""
    return max((max(line.messages, line.replies) for line in lines), default=0) or 1
