"""Light, dark, or as the system has it: each browser keeps what its agent chose, in a cookie."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

router = APIRouter()
Look = Literal["system", "light", "dark"]
LASTS = timedelta(days=400)  # no browser keeps one longer
_COOKIE = "desk-look"


def of(request: Request) -> str:
    """What was chosen in that browser."""
    chosen = request.cookies.get(_COOKIE, "system")
    return chosen if chosen in get_args(Look) else "system"


@router.post("/account/look")
def choose(request: Request, look: Annotated[Look, Form()]) -> Response:
    response = RedirectResponse("/account?done=look", 303)
    response.set_cookie(
        _COOKIE,
        look,
        max_age=int(LASTS.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response
