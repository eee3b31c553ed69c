"""Serving the console until Ctrl-C, which ends open live streams first, so that nobody waits for them."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from socialdesk.console.connections import Connection, Waiting, room
from socialdesk.console.live import CLOSING
from socialdesk.errors import BadInput, DeskError

PATIENCE_SECONDS = 5  # for requests that are being answered when it is time to go

Ready = Callable[[str], None]


class ConsoleServer(uvicorn.Server):
    """Holds its port from the moment it is made; `url` is where browsers on this network find it. Only what
    `trusted` addresses and networks say of where a request comes from is believed."""

    def __init__(
        self,
        app: ASGIApp,
        host: str = "127.0.0.1",
        port: int = 8080,
        *,
        trusted: Sequence[str] = (),
        ready: Ready | None = None,
    ) -> None:
        self._closing = asyncio.Event()
        self._socket = _bound(host, port)
        self._ready = ready
        shown = f"[{host}]" if ":" in host else host
        # uvicorn asks for a class, and only ever calls it.
        connection: Any = partial(Connection, waiting=Waiting(), most=room())
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        super().__init__(
            uvicorn.Config(
                self._with_closing(app),
                http=connection,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                forwarded_allow_ips=list(trusted),
                timeout_graceful_shutdown=PATIENCE_SECONDS,
            )
        )

    def serve_until_told(self) -> None:
        """Returns after SIGINT, SIGTERM or `stop`."""
        try:
            self.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def __enter__(self) -> ConsoleServer:
        """Serve in a thread for as long as the block lasts."""
        self._thread = threading.Thread(target=self.serve_until_told, name="console")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join()

    def stop(self) -> None:
        """To be called from another thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready:
            self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Unlike uvicorn's own, the signal is not raised again afterwards: the caller has more to close."""
        self.force_exit = self.should_exit
        self.should_exit = True

    def _with_closing(self, app: ASGIApp) -> ASGIApp:
        async def told(scope: Scope, receive: Receive, send: Send) -> None:
            scope[CLOSING] = self._closing
            await app(scope, receive, send)

        return told


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise BadInput(f"console.host is {host}, which is no address of this machine.") from error
    except OSError as error:
        raise DeskError(_why(error, host, port)) from error
    # asyncio does this only for sockets it made itself; without it a page on a kept connection waits 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what uses it, or choose another one."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this account: choose one from 1024 up."
    return f"The console cannot listen on {host}, port {port}: {error.strerror}."
