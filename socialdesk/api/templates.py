"""The reply library, as it is now: the files with what was edited at the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from socialdesk.api.access import Caller, may
from socialdesk.api.paging import Cursor, Limit, Page, after_name, name_before
from socialdesk.api.problems import documented
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.templating.catalog import TemplateEntry

router = APIRouter(tags=["templates"])
Reader = Annotated[Caller, Depends(may(Scope.TEMPLATES_READ, Verb.SEE_TEMPLATE))]


class TemplateShown(BaseModel):
    id: str
    title: str
    topic: str | None
    channels: list[str]
    variables: list[str]


@router.get("/templates", responses=documented())
def list_templates(caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[TemplateShown]:
    """In the order of their ids."""
    behind = name_before(cursor) if cursor else ""
    with caller.database.reading() as session:
        library = caller.desk.library_now(session)
    found = sorted((each for each in library.templates if each.id > behind), key=lambda each: each.id)
    onward = after_name(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[_shown(each) for each in found[:limit]], next=onward)


def _shown(entry: TemplateEntry) -> TemplateShown:
    return TemplateShown(**entry.model_dump(include=set(TemplateShown.model_fields)))
