"""Answers that are no answers: connections cut at once, in the middle, or after a long silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutConnection(Response):
    """Closes the connection without a byte of an answer, after so many seconds of silence."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        if self.seconds and await _is_gone_within(self.seconds, receive):
            return
        await _cut(scope, receive)


class TruncatedResponse(Response):
    """Promises the whole body, sends half of it, and closes the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self.whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        half = bytes(self.whole.body)[: len(self.whole.body) // 2]
        await send(
            {
                "type": "http.response.start",
                "status": self.whole.status_code,
                "headers": self.whole.raw_headers,
            }
        )
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _cut(scope, receive)


async def _cut(scope: Scope, receive: Receive) -> None:
    """The sandbox's own server lends each request its connection (server.py); others answer 500."""
    close: Callable[[], None] | None = scope.get("state", {}).get("close_connection")
    if close is None:
        raise ConnectionAbortedError("this server cannot cut a connection; run the sandbox by its own")
    close()
    while (await receive())["type"] != "http.disconnect":
        continue


async def _is_gone_within(seconds: float, receive: Receive) -> bool:
    async def until_gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(until_gone(), seconds)
    except TimeoutError:
        return False
    return True
