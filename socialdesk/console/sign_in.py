"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from socialdesk import agents, sign_ins
from socialdesk.console.access import Admitted, cookie_name

router = APIRouter()


class Credentials(BaseModel):
    username: str = ""
    password: str = ""
    next: str = "/"


@router.get("/sign-in")
def ask(visit: Admitted, next: str = "/") -> Response:
    if visit.somebody:
        return RedirectResponse(safe(next), 303)
    return visit.page("sign_in.html", username="", next=safe(next), problem=None)


@router.post("/sign-in")
def sign_in(visit: Admitted, form: Annotated[Credentials, Form()]) -> Response:
    with visit.database.reading() as session:
        agent = agents.find(session, form.username.strip().lower())
    if not agents.check_password(agent, form.password) or agent is None:
        problem = "That user name and password do not belong together."
        return visit.page(
            "sign_in.html", status=422, username=form.username, next=safe(form.next), problem=problem
        )
    with visit.database.transaction() as session:
        sign_ins.close(session, visit.request.cookies.get(cookie_name(visit.request), ""))
        sign_ins.forget_old(session, timedelta(hours=visit.desk.settings.console.session_hours))
        token = sign_ins.open_for(session, agent)
    return _with_cookie(RedirectResponse(safe(form.next), 303), visit.request, token)


@router.post("/sign-out")
def sign_out(visit: Admitted) -> Response:
    name = cookie_name(visit.request)
    with visit.database.transaction() as session:
        sign_ins.close(session, visit.request.cookies[name])
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(name, secure=visit.request.url.scheme == "https", httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def safe(address: str) -> str:
    """The address if it lies in this console, else its front page."""
    parts = urlsplit(address)
    here = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    return address if here and not address.startswith("//") and address.isprintable() else "/"


def _with_cookie(response: Response, request: Request, token: str) -> Response:
    secure = request.url.scheme == "https"
    response.set_cookie(cookie_name(request), token, path="/", secure=secure, httponly=True, samesite="lax")
    return response
