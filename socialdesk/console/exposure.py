"""Showing an agent what is hidden in a public post: now, on this page, and written down."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from socialdesk import cases, exposure, messages
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, page

router = APIRouter()


@router.post("/cases/{case_id}/showing")
def show(
    visit: Admitted,
    case_id: RowId,
    message: Annotated[int, Form(ge=1, le=LARGEST_ID)],
    came_from: CameFrom = "",
) -> Response:
    """The case's page with that message unmasked: the next page hides it again."""
    with visit.database.transaction() as session:
        case = cases.find(session, case_id)
        exposure.reveal(case, messages.of_customer(session, case_id, message), by=visit.agent)
    return page(visit, case_id, Asked(came_from, revealed=message))
