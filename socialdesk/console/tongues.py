"""Which language a page is in: the agent's choice, else what the browser asks for, else English."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Annotated

from babel import Locale, negotiate_locale
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from socialdesk import phrases
from socialdesk.console.access import Admitted
from socialdesk.errors import BadInput
from socialdesk.people.agents import Agent

router = APIRouter()
LASTS = timedelta(days=400)  # no browser keeps a cookie longer
_COOKIE = "desk-language"
_MOST = 20  # languages of a browser that are looked at


class Tongue:
    """Around the whole console: everything said while a request lasts is said in its language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with phrases.read_in(_wanted(Headers(scope=scope))):
            await self.app(scope, receive, send)


@router.post("/account/language")
def choose(visit: Admitted, language: Annotated[str, Form(max_length=8)]) -> Response:
    """Kept for the agent, and by this browser for the page on which nobody is signed in yet."""
    if language not in phrases.offered():
        raise BadInput(phrases.gettext("The desk does not speak that language."))
    with visit.database.transaction() as session:
        session.get_one(Agent, visit.agent.id).language = language
    response = RedirectResponse("/account?done=language", 303)
    remember(response, visit.request, language)
    return response


def remember(response: Response, request: Request, language: str | None) -> None:
    """The browser asks for that language from now on."""
    if language:
        response.set_cookie(
            _COOKIE,
            language,
            max_age=int(LASTS.total_seconds()),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def names() -> dict[str, str]:
    """Each language of the desk's as its speakers call it."""
    return {code: _own_name(code) for code in phrases.offered()}


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def _wanted(headers: Headers) -> str:
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
    except CookieError:
        chosen = None
    if chosen and chosen.value in phrases.offered():
        return chosen.value
    return _asked(headers.get("accept-language", "")) or phrases.SOURCE


def _asked(header: str) -> str | None:
    """The best of what the browser asks for (RFC 9110, 12.5.4)."""
    weighed = [_weighed(each) for each in header.split(",")[:_MOST]]
    ordered = [code for code, weight in sorted(weighed, key=lambda each: -each[1]) if weight > 0]
    return negotiate_locale([code.split("-")[0] for code in ordered if code], list(phrases.offered()))


def _weighed(part: str) -> tuple[str, float]:
    code, _, weight = part.strip().partition(";q=")
    try:
        return code.lower(), float(weight or 1)
    except ValueError:
        return code.lower(), 0.0
