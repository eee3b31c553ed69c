"""Snoozing a case until a moment that the agent chooses, and waking it."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases
from socialdesk.casework import snoozing
from socialdesk.casework.snoozing import Until
from socialdesk.console.access import Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, onward, page
from socialdesk.errors import AlreadyDone, BadInput

router = APIRouter()
Zone = Annotated[str, Form(max_length=60)]
Own = Annotated[str, Form(alias="at", max_length=40)]


@router.post("/cases/{case_id}/snoozing")
def snooze(
    visit: Admitted,
    case_id: RowId,
    until: Annotated[Until, Form()],
    at: Own = "",
    zone: Zone = "",
    came_from: CameFrom = "",
) -> Response:
    try:
        with visit.database.transaction() as session:
            case = cases.hold(session, case_id)
            following = onward(session, case, came_from, "snoozed", visit=visit)
            snoozing.snooze(case, snoozing.moment(until, zone_of(zone), at), by=visit.agent)
    except BadInput as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=422)
    return RedirectResponse(following, 303)


@router.post("/cases/{case_id}/waking")
def wake(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            snoozing.wake(cases.hold(session, case_id), by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, "woken"), 303)


def zone_of(name: str) -> tzinfo:
    """The browser's zone, which a script tells; without one the pages are in UTC, and so is what is meant."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
