"""Noting on a case's page that its customer wants to hear nothing more, and taking it back."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases
from socialdesk.casework import optouts
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import AlreadyDone

router = APIRouter()


@router.post("/cases/{case_id}/opting-out")
def opt_out(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    return _set(visit, case_id, came_from, optouts.opt_out, "opted_out")


@router.post("/cases/{case_id}/opting-in")
def opt_in(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    return _set(visit, case_id, came_from, optouts.opt_in, "opted_in")


def _set(visit: Visit, case_id: int, came_from: str, change: Callable[..., None], done: str) -> Response:
    try:
        with visit.database.transaction() as session:
            _, customer = cases.with_customer(session, case_id)
            change(session, customer, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, done), 303)
