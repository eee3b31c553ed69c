"""The language statistics, as the Languages page has them; docs/statistics.md says what each figure means."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from socialdesk.api.access import Caller, may
from socialdesk.api.paging import LARGEST_ID, Page
from socialdesk.api.problems import documented
from socialdesk.errors import BadInput
from socialdesk.figures import kept, reports
from socialdesk.figures.asking import Asked
from socialdesk.figures.reports import LanguageFigures
from socialdesk.messages import Visibility
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope

router = APIRouter(tags=["statistics"])
Reader = Annotated[Caller, Depends(may(Scope.STATISTICS_READ, Verb.SEE_STATISTICS))]
Moment = Annotated[AwareDatetime | None, Query(description="By whole hours; with its offset from UTC.")]
Account = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of ours; else all that may be seen.")]


class LanguageLine(BaseModel):
    """One language's figures; times are in seconds, and null where there is nothing to measure.

    Targets are told by what they are for: a first response, the next ones, a resolution, each met or missed,
    and `overdue` are waiting cases that miss one now.
    """

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
    first_responses: int = Field(description="Waits that began in the period.")
    unanswered: int = Field(description="Those of them that go on.")
    median_first_response: float | None
    ninetieth_first_response: float | None
    median_in_business_hours: float | None
    ninetieth_in_business_hours: float | None
    first_met: int
    first_missed: int
    next_met: int
    next_missed: int
    resolved_met: int
    resolved_missed: int
    overdue: int
    targets_met: int
    targets_missed: int
    in_target: float | None = Field(description="Of all targets that are decided, or missed already.")
    cost: str = Field(description="In dollars, at X's prices.")


@router.get("/statistics/languages", responses=documented())
def by_language(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
) -> Page[LanguageLine]:
    """From `since` up to, not including, `until`; most messages first."""
    asked = asked_for(caller, since, until, account, visibility)
    with caller.database.reading() as session, kept.unaided(session):
        lines = reports.of_period(session, asked)
    return Page(items=[_shown(line) for line in lines], next=None)


def asked_for(
    caller: Caller,
    since: datetime | None,
    until: datetime | None,
    account: int | None,
    visibility: Visibility | None = None,
) -> Asked:
    """Never more than the caller may see: of somebody else's account there is nothing. Raises BadInput."""
    if since and until and since >= until:
        raise BadInput("The period ends before it begins.")
    accounts = caller.accounts
    if account is not None:
        accounts = frozenset({account}) if accounts is None else frozenset({account}) & accounts
    return Asked(since, until, accounts, visibility)


def _shown(line: LanguageFigures) -> LanguageLine:
    told = {name: getattr(line, name) for name in LanguageLine.model_fields if hasattr(line, name)}
    return LanguageLine(**told | _waits(line) | _targets(line) | {"cost": str(line.cost)})


def _waits(line: LanguageFigures) -> dict[str, Any]:
    return {
        "first_responses": line.responses.number,
        "median_first_response": _seconds(line.median_first_response),
        "ninetieth_first_response": _seconds(line.ninetieth_first_response),
        "median_in_business_hours": _seconds(line.responses.open_median),
        "ninetieth_in_business_hours": _seconds(line.responses.open_ninetieth),
    }


def _targets(line: LanguageFigures) -> dict[str, Any]:
    told = line.kept
    return asdict(told) | {"targets_met": told.met, "targets_missed": told.missed, "in_target": told.share}


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
