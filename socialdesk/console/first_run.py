"""The page on which the first admin is made, for whoever has read the token that the console printed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from socialdesk.console import browsers, owing, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.sign_in import enter
from socialdesk.errors import AlreadyDone, BadInput, Busy, DeskError, NotAllowed, TooOften
from socialdesk.people import agents, brakes, first_run, passwords

router = APIRouter()


class First(BaseModel):
    token: str = ""
    username: str = ""
    name: str = ""
    password: str = ""


@router.get("/setup")
def ask(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        if agents.anybody(session):
            return RedirectResponse("/sign-in", 303)
    return _form(visit, First())


@router.post("/setup")
def set_up(visit: Admitted, form: Annotated[First, Form()]) -> Response:
    keys = [brakes.of_address(browsers.address(visit.request))]
    try:
        with visit.database.reading() as session:
            if agents.anybody(session):
                return RedirectResponse("/sign-in", 303)
        proofs.press(visit, keys)
        with visit.database.transaction() as session:
            first = first_run.set_up(session, form.token, **form.model_dump(exclude={"token"}))
            brakes.release(session, keys)
            response = RedirectResponse(owing.onward(session, visit.desk, first, "/"), 303)
            enter(visit, session, first, response)
    except (AlreadyDone, NotAllowed, BadInput, TooOften, Busy) as error:
        return _form(visit, form, error)
    return response


def _form(visit: Visit, form: First, problem: DeskError | None = None) -> Response:
    status = {NotAllowed: 403, AlreadyDone: 409, TooOften: 429, Busy: 503}
    shown = form.model_dump(exclude={"password"})
    number = status.get(type(problem), 422) if problem else 200
    return visit.page("setup.html", status=number, problem=problem, shortest=passwords.SHORTEST, **shown)
