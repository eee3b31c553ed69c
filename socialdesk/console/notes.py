"""Internal notes on a case: written, edited and deleted by their authors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import cases
from socialdesk.casework import notes
from socialdesk.console.access import Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import AlreadyDone, BadInput

router = APIRouter()
# How long a note may be says the note itself, so that one that is too long comes back with its words.
Words = Annotated[str, Form(alias="note")]


@router.post("/cases/{case_id}/notes")
def write(visit: Admitted, case_id: RowId, note: Words = "", came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            written = notes.write(session, cases.hold(session, case_id), note, by=visit.agent)
            what = _told(session, written.text)
    except BadInput as error:
        return page(visit, case_id, Asked(came_from, problem=error, note=note), status=422)
    return RedirectResponse(address(case_id, came_from, what), 303)


def _told(session: Session, words: str) -> str:
    """The word for a note that is written: whether all who were named in it are called, some, or nobody."""
    if not notes.calls_nobody(session, words):
        return "noted"
    return "noted_some" if notes.calls_anybody(session, words) else "noted_nobody"


@router.post("/cases/{case_id}/notes/{note_id}/editing")
def edit(
    visit: Admitted, case_id: RowId, note_id: RowId, note: Words = "", came_from: CameFrom = ""
) -> Response:
    try:
        with visit.database.transaction() as session:
            notes.edit(session, notes.in_case(session, note_id, case_id), note, by=visit.agent)
    except BadInput as error:
        return page(visit, case_id, Asked(came_from, problem=error, note=note, noting=note_id), status=422)
    except AlreadyDone as error:  # it has no box any more: its words are in the one for a new note
        return page(visit, case_id, Asked(came_from, problem=error, note=note), status=409)
    return RedirectResponse(address(case_id, came_from, "note_edited"), 303)


@router.post("/cases/{case_id}/notes/{note_id}/deletion")
def remove(visit: Admitted, case_id: RowId, note_id: RowId, came_from: CameFrom = "") -> Response:
    with visit.database.transaction() as session:
        notes.remove(session, notes.in_case(session, note_id, case_id), by=visit.agent)
    return RedirectResponse(address(case_id, came_from, "note_deleted"), 303)
