"""The language statistics, for supervisors."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import clock, reports
from socialdesk.console import health
from socialdesk.console.access import Admitted

router = APIRouter()
PERIODS = {"7": "7 days", "30": "30 days", "all": "All time"}


@router.get("/languages")
def show(visit: Admitted, days: Literal["7", "30", "all"] = "7") -> Response:
    since = None if days == "all" else clock.now() - timedelta(days=int(days))
    with visit.database.reading() as session:
        lines = reports.by_language(session, since=since)
        accounts = health.read(session)
    return visit.page(
        "languages.html",
        lines=lines,
        total=reports.total(lines),
        most=max((max(line.messages, line.replies) for line in lines), default=0) or 1,
        periods=PERIODS,
        days=days,
        accounts=accounts,
    )
