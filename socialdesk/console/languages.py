"""The language statistics, for supervisors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import accuracy, clock, handovers, reports
from socialdesk.console import health
from socialdesk.console.access import Admitted
from socialdesk.console.pages import Pages
from socialdesk.reports import LanguageFigures

router = APIRouter()
EVER = datetime(1970, 1, 1, tzinfo=UTC)
PERIODS = {"7": "7 days", "30": "30 days", "all": "All time"}


@router.get("/languages")
def show(visit: Admitted, days: Literal["7", "30", "all"] = "7") -> Response:
    since = None if days == "all" else clock.now() - timedelta(days=int(days))
    with visit.database.reading() as session:
        lines = reports.by_language(session, since=since)
        measured = accuracy.measure(session, since=since)
        measured_topics = accuracy.measure_topics(session, since=since)
        asking = handovers.templates(visit.desk.library)
        handed_over = handovers.measure(session, asking, since=since or EVER, until=clock.now())
        accounts = health.of(visit, session)
    titles = {entry.id: entry.title for entry in visit.desk.library.templates}
    return visit.page(
        "languages.html",
        lines=lines,
        total=reports.total(lines),
        most=_most(lines),
        measured=measured,
        measured_topics=measured_topics,
        handed_over=handed_over,
        titles=titles,
        took=_took,
        periods=PERIODS,
        days=days,
        accounts=accounts,
    )


def chart(templates: Path, lines: Sequence[LanguageFigures]) -> str:
    """The page's picture as an SVG document of its own."""
    return Pages(templates, static="").draw("chart.svg", lines=lines, most=_most(lines))


def _took(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def _most(lines: Sequence[LanguageFigures]) -> int:
    """What the longest bar stands for."""
    return max((max(line.messages, line.replies) for line in lines), default=0) or 1
