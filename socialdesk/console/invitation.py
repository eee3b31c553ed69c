"""The page on which somebody who was invited chooses a password, and is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import audit
from socialdesk.console import browsers, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.sign_in import enter
from socialdesk.errors import BadInput, Busy, DeskError, NotAllowed, TooOften
from socialdesk.people import brakes, invitations, passwords

router = APIRouter()


@router.get("/invitation")
def ask(visit: Admitted) -> Response:
    return _form(visit, "")


@router.post("/invitation")
def accept(
    visit: Admitted, token: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    response = RedirectResponse("/", 303)
    keys = [brakes.of_address(browsers.address(visit.request))]
    try:
        proofs.press(visit, keys)
        with visit.desk.database.reading() as session:
            username = invitations.invited(session, token).username
        kept = passwords.hashed(
            password, of=username, near=[each.handle for each in visit.desk.settings.accounts]
        )
        with visit.desk.database.transaction() as session:
            agent = invitations.accept(session, token, kept)
            audit.record(session, "invitation_accepted", by=agent.id, subject=username)
            brakes.release(session, keys)
            enter(visit, session, agent, response)
    except (NotAllowed, BadInput, TooOften, Busy) as error:
        return _form(visit, token, error)
    return response


def _form(visit: Visit, token: str, problem: DeskError | None = None) -> Response:
    status = {TooOften: 429, Busy: 503}
    number = status.get(type(problem), 422) if problem else 200
    shown = {"token": token, "problem": problem, "shortest": passwords.SHORTEST}
    return visit.page("invitation.html", status=number, **shown)
