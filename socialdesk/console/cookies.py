"""The cookies: out of reach for scripts and other sites, and over https bound to this host alone."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from fastapi import Request
from fastapi.responses import Response


class Cookie(StrEnum):
    SESSION = "desk"
    HALF = "desk-code"  # the password was right, and the one-time code is due
    DEVICE = "desk-device"


def read(request: Request, cookie: Cookie) -> str:
    """Its token, or nothing."""
    return request.cookies.get(_name(request, cookie), "")


def keep(
    response: Response, request: Request, cookie: Cookie, token: str, *, lasts: timedelta | None = None
) -> None:
    """Until the browser is closed, or for so long."""
    response.set_cookie(
        _name(request, cookie),
        token,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, request: Request, cookie: Cookie) -> None:
    response.delete_cookie(_name(request, cookie), secure=_secure(request), httponly=True, samesite="lax")


def _name(request: Request, cookie: Cookie) -> str:
    """Browsers accept the __Host- prefix on https only; the demo on loopback has none."""
    return f"__Host-{cookie}" if _secure(request) else cookie.value


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
