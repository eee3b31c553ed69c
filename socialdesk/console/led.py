"""Where somebody is led who can't do what he came for before he has signed in, or set up one-time codes."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from socialdesk.console import carried, one_time, sign_in
from socialdesk.console.access import SignInNeeded, Visit
from socialdesk.console.owing import CodesNeeded


async def to_sign_in(request: Request, needed: Exception) -> Response:
    assert isinstance(needed, SignInNeeded)
    if _by_script(request):
        return Response(status_code=401)
    if words := await carried.of(request):
        visit = Visit(request, request.app.state.desk, None)
        return await run_in_threadpool(sign_in.ask_instead, visit, needed.back, words)
    return RedirectResponse(needed.address, 303)


async def to_codes(request: Request, needed: Exception) -> Response:
    assert isinstance(needed, CodesNeeded)
    if _by_script(request):
        return Response(status_code=401)
    if words := await carried.of(request):
        visit = Visit(request, request.app.state.desk, needed.agent, owes=True)
        return await run_in_threadpool(one_time.ask_instead, visit, needed.back, words)
    return RedirectResponse(needed.address, 303)


def _by_script(request: Request) -> bool:
    """It would take the page to sign in for its answer."""
    by_script = request.headers.get("sec-fetch-dest") == "empty" or "X-Fragment" in request.headers
    return by_script or request.url.path in ("/live", "/health.json", "/fit")
