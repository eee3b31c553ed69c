"""Pages and their files go over the wire compressed, where that gives nothing away."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SMALLEST = 1000  # bytes; shorter answers fit into one packet anyway
LEVEL = 5


class Compression:
    """The live feed is left as it is: what is told must leave at once.

    A compressed page is longer or shorter depending on whether words that somebody else has put into it stand
    in it anyway (the attack is called BREACH). He needs the reader's browser to ask for it over and over, so
    only what a page of ours, or the reader himself, has asked for is compressed; browsers say so on https and
    on loopback. The static files hold no secrets. Nor is there anything on our pages that lets a foreign
    site act: forms are protected by where they come from and not by a token in them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._compressing = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._compressing if _is_harmless(scope) else self.app
        await answer(scope, receive, send)


def _is_harmless(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    return scope["path"].startswith("/static/") or Headers(scope=scope).get("sec-fetch-site") in (
        "same-origin",
        "none",
    )
