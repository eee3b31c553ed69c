"""Asks the console's application as its server does: without a socket, and without a client's own work."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp

_ADDRESS = ("127.0.0.1", 80)


class Asker:
    """Somebody signed in, one request after the other, in a loop that goes on between them as a server's
    does: with each new one the threads that do the work would be begun anew. What only a script asks for is
    asked for as by the script."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._headers = [(b"host", b"127.0.0.1"), (b"cookie", f"desk={token}".encode())]

    async def get(self, path: str) -> int:
        """The answer's status, when the whole of it is there."""
        statuses: list[int] = []

        async def send(told: MutableMapping[str, Any]) -> None:
            if told["type"] == "http.response.start":
                statuses.append(told["status"])

        await self._app(self._scope(path), _wait, send)
        return statuses[0]

    def _scope(self, path: str) -> dict[str, Any]:
        where, _, query = path.partition("?")
        script = [(b"x-fragment", b"1")] if where.endswith("/glance") else []
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self._headers + script,
            "client": _ADDRESS,
            "server": _ADDRESS,
            "state": {},
        }


async def _wait() -> MutableMapping[str, Any]:
    """A GET has no body, and this client does not hang up."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that")
