"""Saved views of the queue, and the cases in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk.api.access import Caller
from socialdesk.api.cases import CaseShown, Reader, page_of
from socialdesk.api.paging import Cursor, Limit, Page, RowId, after_row, row_before
from socialdesk.api.problems import documented
from socialdesk.errors import NotFound
from socialdesk.people import skills
from socialdesk.worklists import views
from socialdesk.worklists.queues import Cases
from socialdesk.worklists.views import SavedView

router = APIRouter(tags=["cases"])
_OWN = "own"  # all languages that whoever looks at it writes


class ViewShown(BaseModel):
    """A list under a name, and what it is narrowed to; the agent's own, or one that everybody has."""

    id: int
    name: str
    shared: bool
    list: Cases
    language: str | None = Field(description="`own`: those that the agent writes.")
    topic: str | None
    account: int | None
    tag: int | None


@router.get("/views", responses=documented())
def list_views(caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[ViewShown]:
    """In the order in which they were saved."""
    behind = row_before(cursor) if cursor else 0
    with caller.database.reading() as session:
        known = [_shown(each) for each in views.of(session, caller.agent)]
    there = [each for each in known if each and each.id > behind and _is_there(caller, each)]
    found = sorted(there, key=lambda each: each.id)
    return Page(items=found[:limit], next=after_row(found[limit - 1].id) if len(found) > limit else None)


@router.get("/views/{view_id}/cases", responses=documented(404))
def list_cases(caller: Reader, view_id: RowId, cursor: Cursor = None, limit: Limit = 50) -> Page[CaseShown]:
    """In the order of the view's list."""
    with caller.database.reading() as session:
        view = _shown(views.find(session, view_id, caller.agent))
        if view is None or not _is_there(caller, view):
            raise NotFound("There is no such view.")
        return page_of(session, caller, view.list, _narrowing(session, caller, view), cursor, limit)


def _is_there(caller: Caller, view: ViewShown) -> bool:
    """One of an account that he does not work for is not."""
    return view.account is None or caller.accounts is None or view.account in caller.accounts


def _narrowing(session: Session, caller: Caller, view: ViewShown) -> Mapping[str, Any]:
    """Of whose languages nothing is known, he is shown all, as on the page."""
    told: dict[str, Any] = {"language": view.language}
    if view.language == _OWN:
        told = {"languages": skills.colleagues(session).writes.get(caller.agent.id or 0)}
    return told | {"topic": view.topic, "account": view.account, "tag": view.tag}


def _shown(view: SavedView) -> ViewShown | None:
    """Its filter stands as in the queue's addresses: "mine.pl.payment.2", what is not asked for left out.

    None for one that is no filter any more, which the pages leave out, too.
    """
    which, language, topic, account, tag = (*view.filter.split(".", 4), "", "", "", "")[:5]
    if which not in list(Cases) or not all(each.isdecimal() for each in (account, tag) if each):
        return None
    return ViewShown(
        id=view.id or 0,
        name=view.name,
        shared=view.shared,
        list=Cases(which),
        language=language or None,
        topic=topic or None,
        account=int(account) if account else None,
        tag=int(tag) if tag else None,
    )
