"""The console put together, and the one place where errors become HTTP."""

from __future__ import annotations

import re
import secrets
from functools import cache, partial
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socialdesk import errors
from socialdesk.api import named
from socialdesk.api.app import ADDRESS, create_api
from socialdesk.api.problems import problem, status_of
from socialdesk.console import (
    account,
    admin,
    approvals,
    audit,
    automation,
    bulk,
    case,
    coverage,
    customers,
    exposure,
    first_run,
    fit,
    glance,
    health,
    incident_opening,
    incidents,
    invitation,
    languages,
    led,
    library,
    live,
    look,
    merging,
    money,
    muting,
    notes,
    one_time,
    optouts,
    own_figures,
    palette,
    parity,
    people,
    presence,
    privacy,
    queue,
    replies,
    satisfaction,
    search,
    settling,
    shifts,
    sign_in,
    snoozing,
    summaries,
    tags,
    tokens,
    tongues,
    topics,
    transcripts,
    undoing,
    views,
    webhooks,
)
from socialdesk.console.access import SignInNeeded, admit
from socialdesk.console.characters import Characters
from socialdesk.console.compression import Compression
from socialdesk.console.hosts import Hosts
from socialdesk.console.kept import Kept
from socialdesk.console.owing import CodesNeeded
from socialdesk.console.pages import STATIC, Pages, static_address
from socialdesk.console.protection import Bound, Protection
from socialdesk.console.tongues import Tongue
from socialdesk.desk import Desk
from socialdesk.people import skills
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark

log = structlog.get_logger(__name__)

# Routes are tried one after the other: first what agents ask for all day long.
RESOURCES = (
    queue,
    search,
    case,
    glance,
    approvals,
    live,
    presence,
    fit,
    sign_in,
    first_run,
    account,
    one_time,
    people,
    shifts,
    coverage,
    invitation,
    audit,
    automation,
    incident_opening,  # before what takes any word for an incident's number
    incidents,
    topics,
    exposure,
    merging,
    money,
    muting,
    optouts,
    replies,
    settling,
    parity,
    library,
    languages,
    health,
    palette,
    look,
    bulk,
    customers,
    notes,
    snoozing,
    tags,
    undoing,
    views,
    tokens,
    webhooks,
    tongues,
    admin,
    privacy,
    satisfaction,
    transcripts,
    summaries,
    own_figures,
)
NAMES_KEPT_SECONDS = 5.0
_TITLES = {
    403: mark("Not for you"),
    404: mark("Not found"),
    405: mark("Not here"),
    409: mark("Somebody was faster"),
    413: mark("Too much at once"),
    415: mark("That does not work"),
    421: mark("Not here"),
    422: mark("That does not work"),
    429: mark("Too often"),
    500: mark("Something went wrong"),
    503: mark("The desk cannot work"),
}
_WITHIN_A_CASE = re.compile(r"/cases/\d+(?=/)")
_SENTENCES = {404: mark("There is no such page."), 405: mark("That cannot be done here.")}


class KeptFiles(StaticFiles):
    """Static files whose address changes with their content: browsers never need to ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class LastResort:
    """Answers for a page that failed in a way nobody thought of."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # the edge of a request
            failure = secrets.token_hex(4)
            log.error("a page failed", failure=failure, path=scope.get("path"), exc_info=error)
            if begun:
                raise
            sentence = _(
                "Try again. If it stays, tell whoever runs the desk: failure %(failure)s in the log.",
                failure=failure,
            )
            await _page(self.pages, 500, sentence)(scope, receive, send)


@cache
def _routes() -> list[BaseRoute]:
    """Those of all resources, for every app of this process: reading what each of them takes and asks for
    takes half a second, and would be done again for each app at its first request."""
    console = APIRouter(dependencies=[Depends(admit)])
    for resource in RESOURCES:
        console.include_router(resource.router)
    return console.routes


def create_app(desk: Desk) -> FastAPI:
    """The console of that desk; every route passes `access.admit`."""
    app = FastAPI(routes=_routes(), openapi_url=None, docs_url=None, redoc_url=None)
    static = static_address()
    pages = Pages(desk.settings.paths.templates, static)
    app.state.desk, app.state.pages, app.state.watch = desk, pages, live.Watch(desk.database)
    app.state.colleagues = Kept(skills.colleagues, seconds=NAMES_KEPT_SECONDS)
    app.state.health = health.keep(desk.settings.polling)
    app.mount(ADDRESS, create_api(desk))
    app.mount(static, KeptFiles(directory=STATIC), name="static")
    app.add_exception_handler(SignInNeeded, led.to_sign_in)
    app.add_exception_handler(CodesNeeded, led.to_codes)
    app.add_exception_handler(errors.NotFound, named.telling(_refused))
    app.add_exception_handler(errors.DeskError, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _no_page)
    # Each around those before it: what Protection trips over is answered by LastResort, and bound.
    app.add_middleware(Characters)
    app.add_middleware(Protection, hosts=Hosts(desk.settings), refuse=partial(_turned_away, pages))
    app.add_middleware(LastResort, pages=pages)
    app.add_middleware(Compression)
    app.add_middleware(Bound)
    app.add_middleware(Tongue)
    return app


def _turned_away(pages: Pages, path: str, status: int, sentence: str) -> Response:
    """Before anything else has looked at the request; programs are answered as they are elsewhere."""
    if path.startswith(f"{ADDRESS}/"):
        return problem(status, sentence, kind="turned-away")
    return _page(pages, status, sentence)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.DeskError)
    answer = _answer(request, status_of(error), str(error))
    if isinstance(error, errors.TooOften):
        answer.headers["Retry-After"] = str(int(error.wait.total_seconds()))
    return answer


def _not_understood(request: Request, _error: Exception) -> Response:
    return _answer(request, 422, _("Something in that address or form is missing or wrong."))


def _no_page(request: Request, error: Exception) -> Response:
    """A refused form leaves the address of what was to be done in a case: asked for, it leads to the case."""
    assert isinstance(error, HTTPException)
    within = _WITHIN_A_CASE.match(request.url.path)
    if error.status_code == 405 and request.method == "GET" and within:
        return RedirectResponse(within[0], 303)
    said = _SENTENCES.get(error.status_code)
    return _answer(request, error.status_code, _(said) if said else f"{error.detail}.")


def _answer(request: Request, status: int, sentence: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": sentence}, status)
    return _page(request.app.state.pages, status, sentence)


def _page(pages: Pages, status: int, sentence: str) -> HTMLResponse:
    title = _(_TITLES[status]) if status in _TITLES else HTTPStatus(status).phrase
    html = pages.render(
        "error.html", fragment=False, agent=None, here="", status=status, title=title, sentence=sentence
    )
    return HTMLResponse(html, status)
