"""Tags: put on a case and taken off it, and the page of all that are known, where supervisors rename them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases
from socialdesk.casework import tagging
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import AlreadyDone, BadInput

router = APIRouter()
TagId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Name = Annotated[str, Form(max_length=200)]


@router.post("/cases/{case_id}/tags")
def add(
    visit: Admitted, case_id: RowId, tag: Annotated[str, Form(max_length=200)], came_from: CameFrom = ""
) -> Response:
    try:
        with visit.database.transaction() as session:
            tagging.add(session, cases.hold(session, case_id), tag, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    except BadInput as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=422)
    return RedirectResponse(address(case_id, came_from, "tagged"), 303)


@router.post("/cases/{case_id}/tags/{tag_id}/removal")
def remove(visit: Admitted, case_id: RowId, tag_id: TagId, came_from: CameFrom = "") -> Response:
    with visit.database.transaction() as session:
        tagging.remove(session, cases.hold(session, case_id), tag_id, by=visit.agent)
    return RedirectResponse(address(case_id, came_from, "untagged"), 303)


@router.get("/tags")
def show(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        return visit.page(
            "tags.html",
            tags=tagging.known(session),
            longest=tagging.LONGEST,
            accounts=health.of(visit, session),
        )


@router.post("/tags/{tag_id}/name")
def rename(visit: Admitted, tag_id: TagId, name: Name) -> Response:
    with visit.database.transaction() as session:
        tagging.rename(session, tag_id, name, by=visit.agent)
    return RedirectResponse("/tags", 303)


@router.post("/tags/{tag_id}/removal")
def forget(visit: Admitted, tag_id: TagId) -> Response:
    with visit.database.transaction() as session:
        tagging.forget(session, tag_id, by=visit.agent)
    return RedirectResponse("/tags", 303)
