"""What every request and answer passes: same site only, no huge bodies, headers that bind the browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socialdesk import audit
from socialdesk.phrases import gettext as _

LARGEST_BODY = 256 * 1024
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Refuse = Callable[[str, int, str], Response]  # the path, the status and the sentence


class Protection:
    """Stands around the whole console; `refuse` makes the answer to what is not let through."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        audit.come_from((scope.get("client") or [None])[0])
        refused = _refusal(scope["method"], Headers(scope=scope))
        answer = self.refuse(scope["path"], *refused) if refused else self.app
        await answer(scope, receive, _binding(send, secure=scope["scheme"] == "https"))


def _refusal(method: str, headers: Headers) -> tuple[int, str] | None:
    if method in _SAFE:
        return None
    if _foreign(headers):
        return 403, _("That form came from another site, so nothing was done.")
    # h11 holds a body to its announced length, so an announcement is all there is to check.
    if "transfer-encoding" in headers:
        return 411, _("The size of what was sent was not announced.")
    if int(headers.get("content-length", "0")) > LARGEST_BODY:
        most = LARGEST_BODY // 1024
        return 413, _("That is too much at once: %(most)s kB is the most.", most=most)
    return None


def _foreign(headers: Headers) -> bool:
    """Whether another site made the browser send this. Browsers say so on https and loopback; elsewhere
    Origin tells. A request with a cookie and neither is none that our pages make."""
    if site := headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    if origin := headers.get("origin"):
        return urlsplit(origin).netloc != headers.get("host")
    return "cookie" in headers


def _binding(send: Send, *, secure: bool) -> Send:
    async def bound(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("Cache-Control", "no-store")
            if secure:
                headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        await send(message)

    return bound
