"""Noting on a case's page that its customer wants to hear nothing more, and taking it back."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases, optouts
from socialdesk.console.access import Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import AlreadyDone

router = APIRouter()


@router.post("/cases/{case_id}/opting-out")
def opt_out(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            _, customer = cases.with_customer(session, case_id)
            optouts.opt_out(session, customer, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, "opted_out"), 303)


@router.post("/cases/{case_id}/opting-in")
def opt_in(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            _, customer = cases.with_customer(session, case_id)
            optouts.opt_in(session, customer, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, "opted_in"), 303)
