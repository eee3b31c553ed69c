"""Connections that keep the console waiting: whoever sends a byte now and then takes nobody else's place."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections import OrderedDict
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 15  # for all of a request, head and body, from its first byte or the connection's beginning
MOST_WAITING = 256
MOST = 4096
_OTHER_FILES = 256  # the database's, logs, what the workers have open
_UNFINISHED = (h11.IDLE, h11.SEND_BODY)


class Waiting:
    """The connections whose request is not whole yet, those that have kept us waiting longest first."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._them: OrderedDict[Connection, None] = OrderedDict()

    def add(self, connection: Connection) -> None:
        """When there are too many the oldest goes: who means to ask something has asked it long before."""
        self._them[connection] = None
        while len(self._them) > self._most:
            self.end_oldest()

    def remove(self, connection: Connection) -> None:
        self._them.pop(connection, None)

    def end_oldest(self) -> bool:
        """False when none waits."""
        if not self._them:
            return False
        self._them.popitem(last=False)[0].end()
        return True


class Connection(H11Protocol):
    """uvicorn's, which by itself would wait for ever for the rest of a request."""

    def __init__(self, *, waiting: Waiting, most: int, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._waiting = waiting
        self._most = most
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > self._most and not self._waiting.end_oldest():
            self.transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state not in _UNFINISHED:
            self._wait_no_more()
        elif self._deadline is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """With the status that fits what is wrong: a head that is too long has one of its own."""
        status = getattr(sys.exception(), "error_status_hint", 400)
        headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase.encode()),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def end(self) -> None:
        """At once: what is left unsent to somebody who does not read would keep it open."""
        self.transport.abort()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.end)
        self._waiting.add(self)

    def _wait_no_more(self) -> None:
        self._waiting.remove(self)
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def room() -> int:
    """For how many connections this process may open files; it asks for as many as it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(MOST_WAITING, min(MOST, wanted - _OTHER_FILES))
