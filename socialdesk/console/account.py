"""An agent's own page: the password, one-time codes, and the browsers in which he is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console import cookies, health, proofs, shifts, sign_in, summary_form, tongues
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import RowId
from socialdesk.console.cookies import Cookie
from socialdesk.errors import BadInput, Busy, DeskError, NotFound, TooOften
from socialdesk.people import admission, codes, demands, passwords, sign_ins
from socialdesk.phrases import bare, mark
from socialdesk.phrases import gettext as _

router = APIRouter()
TOLD = {
    "password": mark("You have a new password, and are signed out everywhere else."),
    "session": mark("That session is ended."),
    "sessions": mark("You are signed out everywhere else."),
    "language": mark("The desk speaks that language to you now."),
    "look": mark("The desk looks as you want it now."),
    "codes_off": mark("One-time codes are off."),
    "away": mark("You are away: no case is given to you."),
    "back": mark("You are back."),
    "summary": mark("The weekly summary will come to that address."),
    "summary_ended": mark("No weekly summary is sent to you any more, and the address is forgotten."),
}


@router.get("/account")
def show(visit: Admitted, done: str = "") -> Response:
    return page(visit, done=done)


@router.post("/account/password")
def change_password(
    visit: Admitted, current: Annotated[str, Form()] = "", new: Annotated[str, Form()] = ""
) -> Response:
    try:
        if new == current:
            raise BadInput(_("That is the password you have: think of another one."))
        proofs.prove(visit, current)
        near = [each.handle for each in visit.desk.settings.accounts]
        kept = passwords.hashed(new, of=visit.agent.username, near=[*near, *visit.agent.name.split()])
    except (BadInput, TooOften, Busy) as error:
        return page(visit, error, about="password")
    response = _back("password")
    with visit.database.transaction() as session:
        admission.new_password(session, visit.agent, kept, by=visit.agent)
        sign_in.enter(visit, session, visit.agent, response)
    return response


@router.post("/account/sessions/ending")
def end_others(visit: Admitted) -> Response:
    with visit.database.transaction() as session:
        admission.end_sessions(session, visit.agent, by=visit.agent, but=own_token(visit))
    return _back("sessions")


@router.post("/account/sessions/{sign_in_id}/ending")
def end_one(visit: Admitted, sign_in_id: RowId) -> Response:
    try:
        with visit.database.transaction() as session:
            admission.end_session(session, visit.agent, sign_in_id)
    except NotFound as error:
        return page(visit, error, about="sessions")
    return _back("session")


def own_token(visit: Visit) -> str:
    return cookies.read(visit.request, Cookie.SESSION)


def page(visit: Visit, problem: DeskError | None = None, *, about: str = "", done: str = "") -> Response:
    """With what was wrong in the part of the page that it is `about`."""
    idle, longest = visit.desk.settings.console.session_limits
    with visit.database.reading() as session:
        mine = sign_ins.of_agent(session, visit.agent, idle=idle, longest=longest)
        shown = {
            "codes_on": codes.asked_of(session, visit.agent),
            "recovery_left": codes.recovery_left(session, visit.agent),
            "accounts": health.of(visit, session),
            "shift": shifts.own(session, visit),
            "summary": summary_form.own(session, visit),
        }
    response = visit.page(
        "account.html",
        status=status_of(problem),
        sessions=[(each, each.is_of(own_token(visit))) for each in mine],
        problems={about: str(problem)} if problem else {},
        told=bare(TOLD[done]) if done in TOLD else None,
        shortest=passwords.SHORTEST,
        codes_wanted=demands.wanted_of(visit.agent, visit.desk.settings.sign_in),
        tongues=tongues.names(),
        **shown,
    )
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    return response


def status_of(problem: DeskError | None) -> int:
    if problem is None:
        return 200
    return {TooOften: 429, Busy: 503, NotFound: 404}.get(type(problem), 422)


def _back(done: str) -> Response:
    return RedirectResponse(f"/account?done={done}", 303)
