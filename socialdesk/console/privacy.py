"""A person's data: exported for the person, or erased, which admins do in two steps."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk.console import health, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import RowId
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone, BadInput, Busy, Conflict, DeskError, NotFound, TooOften
from socialdesk.phrases import gettext as _
from socialdesk.privacy import erasing, exporting, tombstones

router = APIRouter()
MEDIA = {"json": "application/json", "html": "text/html; charset=utf-8"}


@router.get("/customers/{customer_id}/privacy")
def show(visit: Admitted, customer_id: RowId) -> Response:
    return _page(visit, customer_id)


@router.post("/customers/{customer_id}/export")
def export(visit: Admitted, customer_id: RowId, form: Annotated[Literal["json", "html"], Form()]) -> Response:
    try:
        with visit.database.transaction() as session:
            customer = _find(session, customer_id)
            exporting.brake(session, visit.agent)
            told = exporting.collect(session, customer)
            exporting.tell(session, customer, form, by=visit.agent)
    except TooOften as error:
        return _page(visit, customer_id, error)
    html = form == "html"
    text = exporting.as_html(told, visit.desk.settings.paths.templates) if html else exporting.as_json(told)
    kept_as = {"Content-Disposition": exporting.disposition(customer, form)}
    return Response(text, media_type=MEDIA[form], headers=kept_as)


@router.get("/customers/{customer_id}/erasure")
def ask(visit: Admitted, customer_id: RowId) -> Response:
    return _asking(visit, customer_id)


@router.post("/customers/{customer_id}/erasure")
def erase(
    visit: Admitted,
    customer_id: RowId,
    typed: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    try:
        with visit.database.reading() as session:
            _refuse_mistaken(_find(session, customer_id), typed)
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            erasing.erase(session, customer_id, by=visit.agent)
    except (BadInput, Conflict, TooOften, Busy) as error:
        return _asking(visit, customer_id, error)
    return RedirectResponse(_address(customer_id), 303)


def _refuse_mistaken(customer: Customer, typed: str) -> None:
    """Raises BadInput for anybody else's handle."""
    wanted = customer.handle or customer.x_id
    if typed.strip().removeprefix("@").lower() != wanted.lower():
        raise BadInput(_("That is not this person's handle: nothing was erased."))


def _find(session: Session, customer_id: int) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    return customer


def _address(customer_id: int) -> str:
    return f"/customers/{customer_id}/privacy"


def _asking(visit: Visit, customer_id: int, problem: DeskError | None = None) -> Response:
    with visit.database.reading() as session:
        customer = _find(session, customer_id)
        if tombstones.of_customer(session, customer_id):
            return RedirectResponse(_address(customer_id), 303)
        traces, accounts = erasing.traces(session, customer), health.of(visit, session)
    shown = {"customer": customer, "traces": traces, "accounts": accounts}
    return _told(
        visit.page("privacy/erasure.html", status=_status(problem), problem=problem, **shown), problem
    )


def _page(visit: Visit, customer_id: int, problem: DeskError | None = None) -> Response:
    with visit.database.reading() as session:
        shown = {
            "customer": _find(session, customer_id),
            "stone": tombstones.of_customer(session, customer_id),
            "names": visit.names(session),
            "accounts": health.of(visit, session),
        }
    response = visit.page("privacy.html", status=_status(problem), problem=problem, **shown)
    return _told(response, problem)


def _told(response: Response, problem: DeskError | None) -> Response:
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    return response


def _status(problem: DeskError | None) -> int:
    if problem is None:
        return 200
    statuses: dict[type[DeskError], int] = {TooOften: 429, Busy: 503, Conflict: 409, AlreadyDone: 409}
    return statuses.get(type(problem), 422)
