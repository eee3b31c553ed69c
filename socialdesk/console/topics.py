"""Putting right from a case's page what it is about and how urgent it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases, targets
from socialdesk.casework import sorting
from socialdesk.console.access import Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.console.flash import topic_told
from socialdesk.errors import AlreadyDone
from socialdesk.settings.promises import Priority

router = APIRouter()


@router.post("/cases/{case_id}/topic")
def correct_topic(
    visit: Admitted, case_id: RowId, topic: Annotated[str, Form(max_length=40)], came_from: CameFrom = ""
) -> Response:
    try:
        with visit.database.transaction() as session:
            sorting.correct_topic(session, cases.find(session, case_id), topic, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, topic_told(topic)), 303)


@router.post("/cases/{case_id}/priority")
def prioritize(
    visit: Admitted, case_id: RowId, priority: Annotated[Priority, Form()], came_from: CameFrom = ""
) -> Response:
    try:
        with visit.database.transaction() as session:
            targets.prioritize(session, cases.find(session, case_id), priority, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, f"priority_{priority}"), 303)
