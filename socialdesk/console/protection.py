"""What every request and answer passes: a name of ours, same site only, no huge bodies, headers that bind the
browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socialdesk import audit
from socialdesk.console.hosts import Hosts
from socialdesk.phrases import gettext as _

LARGEST_BODY = 256 * 1024
_SAFE = ("GET", "HEAD", "OPTIONS")
_FOR_MONITORS = "/healthz"  # they ask by whatever name they know
_UTF_8 = re.compile(r';\s*charset\s*=\s*("?)utf-?8\1\s*(?=;|$)')
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


class Bound:
    """Around everything, so that the answer to what went wrong anywhere is bound as well."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = _binding(send, secure=scope["scheme"] == "https")
        await self.app(scope, receive, send)


class Protection:
    """Stands before the whole console; `refuse` makes the answer to what is not let through."""

    def __init__(self, app: ASGIApp, hosts: Hosts, refuse: Refuse) -> None:
        self.app = app
        self.hosts = hosts
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        audit.come_from((scope.get("client") or [None])[0])
        refused = self._refusal(scope, Headers(scope=scope))
        answer = self.refuse(scope["path"], *refused) if refused else self.app
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if scope["path"] != _FOR_MONITORS and not self.hosts.knows(headers.get("host")):
            return 421, _(
                "This desk does not go by that name: whoever runs it says its name in the settings, as"
                " %(setting)s.",
                setting="console.public_url",
            )
        if "\0" in scope["path"]:
            return 404, _("There is no such page.")
        if scope["method"] not in _SAFE and self._foreign(scope, headers):
            return 403, _("That form came from another site, so nothing was done.")
        return _unreadable(headers)

    def _foreign(self, scope: Scope, headers: Headers) -> bool:
        """Whether another site made the browser send this. Browsers say so on https and loopback; elsewhere
        Origin tells. A request with a cookie and neither is none that our pages make."""
        if site := headers.get("sec-fetch-site"):
            return site not in ("same-origin", "none")
        if origin := headers.get("origin"):
            return origin not in (f"{scope['scheme']}://{headers.get('host')}", self.hosts.public_url)
        return "cookie" in headers


def _unreadable(headers: Headers) -> tuple[int, str] | None:
    """Whatever the method: a body comes with a GET as well, and would be kept until somebody looks at it."""
    # h11 holds a body to its announced length, so an announcement is all there is to check.
    if "transfer-encoding" in headers:
        return 411, _("The size of what was sent was not announced.")
    if int(headers.get("content-length", "0")) > LARGEST_BODY:
        most = LARGEST_BODY // 1024
        return 413, _("That is too much at once: %(most)s kB is the most.", most=most)
    # As unicode_escape a form has halves of characters, and to read punycode takes all of 20 seconds.
    if "charset" in _UTF_8.sub("", headers.get("content-type", "").lower()):
        return 415, _("Something in that address or form is missing or wrong.")
    return None


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
