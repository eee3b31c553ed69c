"""Webhooks: admins say who is told of what, and see whom nothing reaches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import webhooks
from socialdesk.console import health, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.account import status_of
from socialdesk.console.case import RowId
from socialdesk.errors import DeskError, NotFound
from socialdesk.webhooks import Subscribed

router = APIRouter()


@router.get("/webhooks")
def show(visit: Admitted) -> Response:
    return _page(visit)


@router.post("/webhooks")
def subscribe(
    visit: Admitted,
    name: Annotated[str, Form(max_length=200)] = "",
    url: Annotated[str, Form(max_length=1000)] = "",
    kinds: Annotated[list[str] | None, Form()] = None,
    password: Annotated[str, Form()] = "",
) -> Response:
    """With the secret on the answer and nowhere else."""
    hosts = visit.desk.settings.webhooks.hosts
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            made = webhooks.subscribe(
                session, name=name, url=url, kinds=kinds or (), hosts=hosts, by=visit.agent
            )
    except DeskError as error:
        return _page(visit, error, asked={"name": name, "url": url, "kinds": kinds or ()})
    return _page(visit, made=made)


@router.post("/webhooks/{webhook_id}/ending")
def end(visit: Admitted, webhook_id: RowId) -> Response:
    try:
        with visit.database.transaction() as session:
            webhooks.end(session, webhook_id, by=visit.agent)
    except NotFound as error:
        return _page(visit, error)
    return RedirectResponse("/webhooks", 303)


def _page(
    visit: Visit,
    problem: DeskError | None = None,
    *,
    made: Subscribed | None = None,
    asked: dict[str, object] | None = None,
) -> Response:
    with visit.database.reading() as session:
        known = webhooks.all_of(session)
        accounts = health.of(visit, session)
    return visit.page(
        "webhooks.html",
        status=status_of(problem),
        webhooks=known,
        kinds=webhooks.KINDS,
        hosts=visit.desk.settings.webhooks.hosts,
        asked={"name": "", "url": "", "kinds": ()} | (asked or {}),
        made=made,
        problem=problem,
        accounts=accounts,
    )
