"""Characters that no text has: NUL, which PostgreSQL refuses, does not come further than here."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INSTEAD = "\N{REPLACEMENT CHARACTER}".encode()
_INSTEAD_QUOTED = b"%EF%BF%BD"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Characters:
    """In addresses and forms NUL becomes U+FFFD, as what is unreadable does anywhere; forms in other
    encodings than UTF-8, which can hold halves of characters, have been refused before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["query_string"] = _quoted(scope["query_string"])
            kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
            if kind in _FORMS:
                receive = _readable(receive, quoted=kind == _FORMS[0])
        await self.app(scope, receive, send)


def _readable(receive: Receive, *, quoted: bool) -> Receive:
    """The body in one piece, since "%00" may come in two; it is small (protection.LARGEST_BODY)."""

    async def received() -> Message:
        body = bytearray()
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                whole = _quoted(bytes(body)) if quoted else bytes(body).replace(b"\0", _INSTEAD)
                return {**message, "body": whole, "more_body": False}
        return message

    return received


def _quoted(told: bytes) -> bytes:
    return told.replace(b"%00", _INSTEAD_QUOTED).replace(b"\0", _INSTEAD_QUOTED)
