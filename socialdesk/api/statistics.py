"""The language statistics, as the Languages page has them; docs/statistics.md says what each figure means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from socialdesk.api.access import Caller, may
from socialdesk.api.paging import Page
from socialdesk.api.problems import documented
from socialdesk.errors import BadInput
from socialdesk.figures import reports
from socialdesk.figures.reports import LanguageFigures
from socialdesk.messages import Visibility
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope

router = APIRouter(tags=["statistics"])
Reader = Annotated[Caller, Depends(may(Scope.STATISTICS_READ, Verb.SEE_STATISTICS))]
Moment = Annotated[AwareDatetime | None, Query(description="By whole hours; with its offset from UTC.")]


class LanguageLine(BaseModel):
    """One language's figures; times are in seconds, and null where there is nothing to measure."""

    language: str
    messages: int
    replies: int
    automated: int
    elsewhere: int
    unchanged: int
    opened: int
    reopened: int
    corrected: int
    open_cases: int
    waiting_cases: int
    oldest_since: datetime | None
    unanswered: int
    median_first_response: float | None
    ninetieth_first_response: float | None
    median_in_business_hours: float | None
    ninetieth_in_business_hours: float | None
    targets_met: int
    targets_missed: int
    in_target: float | None = Field(description="Of all targets that are decided, or missed already.")
    cost: str = Field(description="In dollars, at X's prices.")


@router.get("/statistics/languages", responses=documented())
def by_language(
    caller: Reader, since: Moment = None, until: Moment = None, visibility: Visibility | None = None
) -> Page[LanguageLine]:
    """From `since` up to, not including, `until`; most messages first."""
    if since and until and since >= until:
        raise BadInput("The period ends before it begins.")
    with caller.database.reading() as session:
        lines = reports.by_language(
            session, since=since, until=until, accounts=caller.accounts, visibility=visibility
        )
    return Page(items=[_shown(line) for line in lines], next=None)


def _shown(line: LanguageFigures) -> LanguageLine:
    told = {name: getattr(line, name) for name in LanguageLine.model_fields if hasattr(line, name)}
    return LanguageLine(**told | _waits(line) | _targets(line) | {"cost": str(line.cost)})


def _waits(line: LanguageFigures) -> dict[str, Any]:
    return {
        "median_first_response": _seconds(line.median_first_response),
        "ninetieth_first_response": _seconds(line.ninetieth_first_response),
        "median_in_business_hours": _seconds(line.responses.open_median),
        "ninetieth_in_business_hours": _seconds(line.responses.open_ninetieth),
    }


def _targets(line: LanguageFigures) -> dict[str, Any]:
    kept = line.kept
    return {"targets_met": kept.met, "targets_missed": kept.missed, "in_target": kept.share}


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
