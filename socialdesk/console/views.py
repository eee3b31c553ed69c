"""Saved views of the queue: each has an address of its own, which leads to its list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import RowId
from socialdesk.console.filters import Filter
from socialdesk.console.lists import KEPT_BY_LANGUAGE
from socialdesk.errors import BadInput, NotFound
from socialdesk.phrases import gettext as _
from socialdesk.worklists import queues, views
from socialdesk.worklists.queues import Cases

router = APIRouter()
MOST_COUNTED = 20  # cases of one view: whoever has more knows enough
MOST_VIEWS = 20
_GROWING = (Cases.ANSWERED, Cases.RESOLVED)  # for ever: looking for few among them would read them all


@router.get("/views/counts")
def count(visit: Admitted) -> Response:
    """How many cases each view has by row id: asked for once the page is there."""
    with visit.database.reading() as session:
        saved = [(view.id, Filter.parse(view.filter)) for view in views.of(session, visit.agent)[:MOST_VIEWS]]
        sizes = {str(view_id): _size(session, visit, wanted) for view_id, wanted in saved if wanted}
    return JSONResponse({view_id: size for view_id, size in sizes.items() if size})


@router.get("/views/{view_id}")
def show(visit: Admitted, view_id: RowId) -> Response:
    with visit.database.reading() as session:
        view = views.find(session, view_id, visit.agent)
    wanted = Filter.parse(view.filter)
    if wanted is None:
        raise NotFound(_("This view is of a language or a topic that there is no more."))
    return RedirectResponse(wanted.address(), 303)


@router.post("/views")
def save(
    visit: Admitted,
    name: Annotated[str, Form(max_length=200)],
    told: Annotated[str, Form(alias="filter", max_length=80)],
    shared: Annotated[bool, Form()] = False,
) -> Response:
    wanted = Filter.parse(told)
    if wanted is None:
        raise BadInput(_("That is no filter of the queue."))
    with visit.database.transaction() as session:
        views.save(session, name, str(wanted), by=visit.agent, shared=shared)
    return RedirectResponse(wanted.address(), 303)


@router.post("/views/{view_id}/removal")
def remove(visit: Admitted, view_id: RowId) -> Response:
    with visit.database.transaction() as session:
        views.remove(session, view_id, by=visit.agent)
    return RedirectResponse("/queue", 303)


def _size(session: Session, visit: Visit, wanted: Filter) -> dict[str, int | bool] | None:
    """Where it is kept, the number; else as far as MOST_COUNTED, and None for what takes long to count."""
    if _is_kept(wanted):
        numbers = queues.numbers(session, wanted.status, **wanted.whose(visit))
        of_all, of = numbers.by_list[wanted.status], wanted.tongues(session, visit)
        kept = numbers.within(of) if of else of_all
        return {"cases": kept, "more": False}
    if wanted.status in _GROWING:
        return None
    page = queues.listed_page(session, wanted.status, size=MOST_COUNTED, **wanted.narrowing(session, visit))
    return {"cases": len(page.rows), "more": page.next is not None}


def _is_kept(wanted: Filter) -> bool:
    if wanted.topic or wanted.tag or wanted.status == Cases.DUE:
        return False
    return not wanted.language or wanted.status in KEPT_BY_LANGUAGE
