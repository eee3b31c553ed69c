"""The page on which somebody who was invited chooses a password, and is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk.console import browsers, cookies, owing, proofs, sign_in
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.cookies import Cookie
from socialdesk.console.sign_in import Credentials
from socialdesk.errors import BadInput, Busy, DeskError, NotAllowed, TooOften
from socialdesk.people import admission, brakes, codes, invitations, passwords, sign_ins
from socialdesk.people.agents import Agent

router = APIRouter()


@router.get("/invitation")
def ask(visit: Admitted) -> Response:
    return _form(visit, "")


@router.post("/invitation")
def accept(
    visit: Admitted, token: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    keys = [brakes.of_address(browsers.address(visit.request))]
    try:
        proofs.press(visit, keys)
        with visit.desk.database.reading() as session:
            invited = invitations.invited(session, token)
        near = [*invited.name.split(), *(each.handle for each in visit.desk.settings.accounts)]
        kept = passwords.hashed(password, of=invited.username, near=near)
        with visit.desk.database.transaction() as session:
            agent = admission.take_up_invitation(session, token, kept)
            brakes.release(session, keys)
            return _onward(visit, session, agent)
    except (NotAllowed, BadInput, TooOften, Busy) as error:
        return _form(visit, token, error)


def _onward(visit: Visit, session: Session, agent: Agent) -> Response:
    """In; or to where his code is asked, which the invitation does not stand for."""
    if codes.asked_of(session, agent):
        sign_ins.close(session, cookies.read(visit.request, Cookie.SESSION))
        return sign_in.half(visit, session, agent, Credentials())
    response = RedirectResponse(owing.onward(session, visit.desk, agent, "/"), 303)
    sign_in.enter(visit, session, agent, response)
    return response


def _form(visit: Visit, token: str, problem: DeskError | None = None) -> Response:
    status = {TooOften: 429, Busy: 503}
    number = status.get(type(problem), 422) if problem else 200
    # Somebody may be signed in while he takes up an invitation: the form has no frame of his.
    shown = {"token": token, "problem": problem, "shortest": passwords.SHORTEST, "agent": None}
    return visit.page("invitation.html", status=number, **shown)
