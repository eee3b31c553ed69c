"""Words that came when their author was signed out: through the sign-in, and where he wrote them.

A reply's are in his composer again; a note's are in the box of the page that answers him.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.console.access import LARGEST_ID
from socialdesk.errors import NotAllowed, NotFound
from socialdesk.messages import Visibility, clean
from socialdesk.people import permissions
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.replying import jottings
from socialdesk.replying.jottings import Jotted, Place

MOST = 100_000  # characters on the way through the forms
_COMPOSER = "/cases/{case_id}/replies"
_NOTES = ("/cases/{case_id}/notes", "/cases/{case_id}/notes/{note_id}/editing")
Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class Carried(BaseModel):
    """`writer` had the composer open: nobody else gets the words. They travel in forms, never in an address,
    so that neither a history nor a log has them."""

    model_config = ConfigDict(populate_by_name=True)

    case: Id
    writer: Id
    text: Annotated[str, Field(min_length=1)]
    visibility: Visibility = Field(alias="as")
    seen: Id = 0
    given: Id = 0
    version: Annotated[str, Field(max_length=20)] = ""
    template: Annotated[str, Field(max_length=80)] = ""
    again: Id = 0

    @property
    def written(self) -> str:
        """As a form takes it to the next page."""
        return self.model_dump_json(by_alias=True)

    def jotted(self, text: str) -> Jotted:
        template, version, again = self.template or None, self.version or None, self.again or None
        return Jotted(text, self.visibility, template, self.seen, self.given, version, again)


class CarriedNote(BaseModel):
    """An internal note's words, for `writer` alone; `noting` is the note that they were to change, or 0."""

    case: Id
    writer: Id
    note: Annotated[str, Field(min_length=1)]
    noting: Id = 0

    @property
    def written(self) -> str:
        return self.model_dump_json()

    @property
    def address(self) -> str:
        """Where they were sent to, and may be again."""
        wanted = _NOTES[bool(self.noting)]
        return wanted.format(case_id=self.case, note_id=self.noting)


async def of(request: Request) -> Carried | CarriedNote | None:
    """What a composer or the form of a note has sent, if it was one."""
    path = request.scope["route"].path
    if path not in (_COMPOSER, *_NOTES):
        return None
    told = {"case": request.path_params["case_id"], "noting": request.path_params.get("note_id", 0)}
    return _understood(Carried if path == _COMPOSER else CarriedNote, dict(await request.form()) | told)


def read(written: str) -> Carried | CarriedNote | None:
    """None for what no page of ours has written."""
    for kind in (Carried, CarriedNote):
        with suppress(ValidationError):
            return kind.model_validate_json(written)
    return None


def of_agent(written: str, *, by: Agent) -> str:
    """The same, if this agent had written it; else nothing."""
    found = read(written)
    return found.written if found and found.writer == by.id else ""


def shown(written: str) -> str:
    """The words themselves."""
    found = read(written)
    return (found.text if isinstance(found, Carried) else found.note) if found else ""


def note_of(written: str, *, by: Agent) -> CarriedNote | None:
    """The note that this agent had written, if it was one."""
    found = read(written)
    return found if isinstance(found, CarriedNote) and found.writer == by.id else None


def put_back(session: Session, written: str, *, by: Agent) -> None:
    """A reply's, into the composer of whoever wrote them, as words that are not saved; where they can't be,
    nothing."""
    carried = read(written)
    if (
        not isinstance(carried, Carried)
        or carried.writer != by.id
        or not (text := clean(carried.text).strip())
    ):
        return
    try:
        case = _held(session, carried.case)
        permissions.require_case(session, by, case, Verb.WRITE_DRAFT)
    except (NotFound, NotAllowed):
        return
    rows = jottings.of_agent(session, case.id or 0, by.id or 0)
    there = next((each for each in rows if each.visibility == carried.visibility), None)
    if there and not text.startswith(there.text):  # other words: neither is lost
        text = f"{there.text}\n\n{text}"
    place = Place(carried.visibility, there.revision if there else 0)
    jottings.keep(session, case.id or 0, carried.jotted(text), by=by, place=place)


def _held(session: Session, case_id: int) -> Case:
    case = cases.hold(session, case_id)
    return cases.hold(session, case.merged_into_id) if case.merged_into_id else case


def _understood(kind: type[Carried | CarriedNote], fields: dict[str, object]) -> Carried | CarriedNote | None:
    try:
        return kind.model_validate(fields)
    except ValidationError:
        return None
