"""Saved views of the queue: each has an address of its own, which leads to its list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console.access import Admitted
from socialdesk.console.case import RowId
from socialdesk.console.queue import Filter
from socialdesk.errors import BadInput, NotFound
from socialdesk.phrases import gettext as _
from socialdesk.worklists import views

router = APIRouter()


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
