"""Internal notes: what colleagues tell each other in a case, never sent anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import cases
from socialdesk.api.access import Caller, may
from socialdesk.api.paging import Cursor, Limit, Page, RowId, after_row, row_before
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.casework import notes
from socialdesk.casework.notes import LONGEST, Note
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(may(Scope.CASES_READ, Verb.SEE_CASE))]
Writer = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.WRITE_NOTE))]


class NoteShown(BaseModel):
    """A note; a deleted one stays as a sign."""

    id: int
    case_id: int
    author_id: int
    text: str = Field(description="Empty when it was deleted.")
    written_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


class NoteTold(Asked):
    """Whoever is called with `@` and a user name finds the case among those that call for him."""

    text: str = Field(min_length=1, max_length=LONGEST)


@router.get("/cases/{case_id}/notes", responses=documented(404))
def list_notes(caller: Reader, case_id: RowId, cursor: Cursor = None, limit: Limit = 50) -> Page[NoteShown]:
    """Oldest first."""
    behind = row_before(cursor) if cursor else 0
    with caller.database.reading() as session:
        cases.find(session, case_id)
        rows = notes.page_of_case(session, case_id, after=behind, size=limit + 1)
    onward = after_row(rows[limit - 1].id or 0) if len(rows) > limit else None
    return Page(items=[_shown(each) for each in rows[:limit]], next=onward)


@router.post("/cases/{case_id}/notes", status_code=201, responses=documented(404, *WITH_A_BODY))
def write(caller: Writer, case_id: RowId, told: NoteTold) -> NoteShown:
    """The same words by the same agent again within a minute are the same note."""
    with caller.database.transaction() as session:
        case = cases.hold(session, case_id)
        return _shown(notes.write(session, case, told.text, by=caller.acting(case)))


@router.put("/cases/{case_id}/notes/{note_id}", responses=documented(404, 409, *WITH_A_BODY))
def edit(caller: Writer, case_id: RowId, note_id: RowId, told: NoteTold) -> NoteShown:
    """Only by its author; the words before are kept."""

    def do(session: Session, by: Agent) -> Note:
        return notes.edit(session, notes.in_case(session, note_id, case_id), told.text, by=by)

    return _changed(caller, case_id, do)


@router.delete("/cases/{case_id}/notes/{note_id}", responses=documented(404, 409))
def delete(caller: Writer, case_id: RowId, note_id: RowId) -> NoteShown:
    """Only by its author; that there was one stays, without its words."""

    def do(session: Session, by: Agent) -> Note:
        return notes.remove(session, notes.in_case(session, note_id, case_id), by=by)

    return _changed(caller, case_id, do)


def _changed(caller: Caller, case_id: int, do: Callable[[Session, Agent], Note]) -> NoteShown:
    with caller.database.transaction() as session:
        return _shown(do(session, caller.acting(cases.find(session, case_id))))


def _shown(note: Note) -> NoteShown:
    return NoteShown(**note.model_dump())
