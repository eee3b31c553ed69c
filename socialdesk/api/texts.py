"""The texts of reply templates: read, edited as in the console's editor, and what was done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk.api.access import Caller, may
from socialdesk.api.paging import (
    LARGEST_ID,
    Code,
    Cursor,
    Limit,
    Page,
    after_name,
    after_row,
    name_before,
    row_before,
)
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.api.templates import Reader
from socialdesk.errors import Guarded, NotFound
from socialdesk.messages import Visibility
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.templating import parity, texts
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library
from socialdesk.templating.parity import Kind, Problem
from socialdesk.templating.texts import TemplateText

router = APIRouter(tags=["templates"])
LONGEST_TEXT = 30_000
Editor = Annotated[Caller, Depends(may(Scope.TEMPLATES_WRITE, Verb.EDIT_TEMPLATE))]
Version = Annotated[int, Field(ge=0, le=LARGEST_ID, description="The one that was read.")]


class TextShown(BaseModel):
    """The source of one text, with its variables as {{ name }}."""

    template: str
    language: str
    visibility: Visibility
    source: str
    version: int = Field(description="How often it was changed at the desk.")
    edited: bool = Field(description="Whether these are words of the desk's, and not the file's.")
    edited_by_id: int | None
    edited_at: datetime | None


class ProblemShown(BaseModel):
    kind: Kind
    grave: bool = Field(description="The text is not sent, nor saved.")
    said: str


class TextWithProblems(BaseModel):
    """Language and visibility are empty where it is the catalog that is wrong."""

    template: str
    language: str
    visibility: str
    problems: list[ProblemShown]


class Tried(Asked):
    text: str = Field(max_length=LONGEST_TEXT)


class Edited(Tried):
    """`overrides` are the kinds of problems that may be mended later."""

    version: Version
    overrides: list[Kind] = Field([], max_length=20)


class Seen(Asked):
    version: Version


class Step(BaseModel):
    """One thing that was done to a text, or its confirmation after the source text had changed."""

    version: int
    text: str | None = Field(description="Null where the file's words were to stand from then on.")
    edited_by_id: int
    edited_at: datetime


@router.get("/templates/problems", responses=documented())
def list_problems(caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[TextWithProblems]:
    """What is missing, out of date, too long or unsafe, as on the parity board, text by text."""
    behind = name_before(cursor) if cursor else ""
    with caller.database.reading() as session:
        library = caller.desk.library_now(session)
    in_order = sorted((each for each in parity.problems(library) if _name(each.key) > behind), key=_of)
    rows = [(found[0].key, found) for found in (list(group) for _, group in groupby(in_order, key=_of))]
    onward = after_name(_name(rows[limit - 1][0])) if len(rows) > limit else None
    return Page(items=[_told(*row) for row in rows[:limit]], next=onward)


@router.get("/templates/{template}/{language}/{visibility}", responses=documented(404))
def show_text(caller: Reader, template: Code, language: Code, visibility: Visibility) -> TextShown:
    with caller.database.reading() as session:
        library = caller.desk.library_now(session)
        key = library.key(template, language, visibility)
        if key not in library.sources:
            raise NotFound(f"{template} has no {visibility} text in {language}.")
        return _shown(session, library, key)


@router.put("/templates/{template}/{language}/{visibility}", responses=documented(404, 409, *WITH_A_BODY))
def edit(caller: Editor, template: Code, language: Code, visibility: Visibility, wanted: Edited) -> TextShown:
    """Agents are offered these words from now on. Refused with 422 `guarded` while anything speaks against
    them that is not among `overrides`, and with 409 when somebody has changed the text since."""

    with caller.database.reading() as session:  # which takes a while, and keeps nobody from writing
        library = caller.desk.library_now(session)
    key = library.key(template, language, visibility)
    _refuse(texts.problems(library, key, texts.tidy(wanted.text)), wanted.overrides)

    def do(session: Session, key: Key, caller: Caller) -> None:
        texts.save(session, caller.desk.shelf, key, wanted.text, seen=wanted.version, by=caller.agent)

    return _changed(caller, template, language, visibility, do)


@router.post(
    "/templates/{template}/{language}/{visibility}/checking", responses=documented(404, *WITH_A_BODY)
)
def check(
    caller: Editor, template: Code, language: Code, visibility: Visibility, tried: Tried
) -> TextWithProblems:
    """What would speak against these words; nothing is saved."""
    with caller.database.reading() as session:
        library = caller.desk.library_now(session)
    key = library.key(template, language, visibility)
    return _told(key, texts.problems(library, key, texts.tidy(tried.text)))


@router.post(
    "/templates/{template}/{language}/{visibility}/restoring", responses=documented(404, 409, *WITH_A_BODY)
)
def restore(caller: Editor, template: Code, language: Code, visibility: Visibility, seen: Seen) -> TextShown:
    """The file's words stand again."""

    def do(session: Session, key: Key, caller: Caller) -> None:
        texts.restore(session, caller.desk.shelf, key, seen=seen.version, by=caller.agent)

    return _changed(caller, template, language, visibility, do)


@router.post(
    "/templates/{template}/{language}/{visibility}/confirming", responses=documented(404, 409, *WITH_A_BODY)
)
def confirm(caller: Editor, template: Code, language: Code, visibility: Visibility, seen: Seen) -> TextShown:
    """The words still fit the source text, which has changed since they were written."""

    def do(session: Session, key: Key, caller: Caller) -> None:
        texts.confirm(session, caller.desk.shelf, key, seen=seen.version, by=caller.agent)

    return _changed(caller, template, language, visibility, do)


@router.get("/templates/{template}/{language}/{visibility}/history", responses=documented(404))
def list_history(
    caller: Reader,
    template: Code,
    language: Code,
    visibility: Visibility,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Step]:
    """Newest first."""
    before = row_before(cursor) if cursor else None
    key = caller.desk.library.key(template, language, visibility)
    with caller.database.reading() as session:
        rows = [row for row in texts.history(session, key) if before is None or row.version < before]
    onward = after_row(rows[limit - 1].version) if len(rows) > limit else None
    return Page(items=[Step(**row.model_dump()) for row in rows[:limit]], next=onward)


def _changed(
    caller: Caller,
    template: str,
    language: str,
    visibility: Visibility,
    do: Callable[[Session, Key, Caller], None],
) -> TextShown:
    key = caller.desk.library.key(template, language, visibility)
    with caller.database.transaction() as session:
        do(session, key, caller)
        session.flush()
        return _shown(session, caller.desk.library_now(session), key)


def _refuse(found: list[Problem], overrides: list[Kind]) -> None:
    """As the console's editor: what is grave is never saved, and the rest where somebody wants it all the
    same."""
    against = [each for each in found if each.grave or each.kind not in overrides]
    if against:
        kinds = list(dict.fromkeys(each.kind for each in against))
        mendable = [kind for kind in kinds if kind not in parity.GRAVE]
        raise Guarded(against[0].told, kinds=kinds, may_override=mendable)


def _shown(session: Session, library: Library, key: Key) -> TextShown:
    newest: TemplateText | None = next(iter(texts.history(session, key)), None)
    return TextShown(
        **key._asdict(),
        source=library.sources.get(key, ""),
        version=newest.version if newest else 0,
        edited=key in library.rewritten,
        edited_by_id=newest.edited_by_id if newest else None,
        edited_at=newest.edited_at if newest else None,
    )


def _told(key: Key, found: Sequence[Problem]) -> TextWithProblems:
    problems = [ProblemShown(kind=each.kind, grave=each.grave, said=each.told) for each in found]
    return TextWithProblems(**key._asdict(), problems=problems)


def _of(problem: Problem) -> str:
    return _name(problem.key)


def _name(key: Key) -> str:
    return "/".join(key)
