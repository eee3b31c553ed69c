"""Merging a case with another of the customer's, splitting it at a message, and undoing both."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.console.filters import Filter
from socialdesk.console.flash import told
from socialdesk.errors import Conflict
from socialdesk.placing import merging

router = APIRouter()
FormId = Annotated[int, Form(ge=1, le=LARGEST_ID)]


@router.post("/cases/{case_id}/merging")
def merge(visit: Admitted, case_id: RowId, other: FormId, came_from: CameFrom = "") -> Response:
    """On to the older of the two, in which everything is now."""
    try:
        with visit.database.transaction() as session:
            older, newer = (each.id for each in merging.merge(session, case_id, other, by=visit.agent))
    except Conflict as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(_at(older, came_from, "merged", newer), 303)


@router.post("/cases/{case_id}/unmerging")
def unmerge(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            merging.unmerge(session, case_id, by=visit.agent)
    except Conflict as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, "unmerged"), 303)


@router.post("/cases/{case_id}/splitting")
def split(visit: Admitted, case_id: RowId, message: FormId, came_from: CameFrom = "") -> Response:
    """On to the new case, which begins with that message."""
    try:
        with visit.database.transaction() as session:
            new = merging.split(session, case_id, message, by=visit.agent).id
    except Conflict as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(new, came_from, "split"), 303)


@router.post("/cases/{case_id}/rejoining")
def rejoin(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    """Back to the case that this one was split from."""
    try:
        with visit.database.transaction() as session:
            older, newer = (each.id for each in merging.rejoin(session, case_id, by=visit.agent))
    except Conflict as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(_at(older, came_from, "rejoined", newer), 303)


def _at(case_id: int | None, came_from: str, what: str, about: int | None) -> str:
    """One case's page, telling what was done with another."""
    wanted = Filter.parse(came_from)
    kept = f"from={wanted}&" if wanted else ""
    return f"/cases/{case_id}?{kept}done={told(what, about)}"
