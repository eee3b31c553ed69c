"""Serving the sandbox on the loopback interface, by itself or beside a test."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from types import FrameType, TracebackType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from socialdesk.sandbox.app import create_app
from socialdesk.sandbox.world import World

HOST = "127.0.0.1"
PATIENCE_SECONDS = 10


class CuttableConnection(H11Protocol):
    """Lends every request the means to close its own connection, which some faults need."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "close_connection": transport.close}
        # Head and body leave in two writes; without this the second waits 40 ms for an acknowledgement.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


class QuietServer(uvicorn.Server):
    """Ends on Ctrl-C without raising it again: whoever serves has more to close."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.should_exit = True


class SandboxServer:
    """Serves in a thread for as long as the `with` block lasts, on a free port unless one is named."""

    def __init__(self, world: World, host: str = HOST, port: int = 0) -> None:
        self.world = world
        self._host, self._port = host, port
        self._server = QuietServer(_config(world, host, port))
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def bind(self) -> socket.socket:
        """Takes the port. Raises OSError when somebody else has it."""
        self._socket = socket.create_server((self._host, self._port))
        self._port = self._socket.getsockname()[1]
        return self._socket

    def serve_until_told(self) -> None:
        """Serves in this thread until SIGINT or SIGTERM."""
        self._server.run([self._socket or self.bind()])
        self.stop()

    def start(self) -> None:
        """Returns when the first request can be answered."""
        listening = self.bind()
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="sandbox", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the sandbox did not start on {self.url}")
            time.sleep(0.002)

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread:
            self._thread.join(PATIENCE_SECONDS)
        if self._socket:
            self._socket.close()


def _config(world: World, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(world),
        host=host,
        port=port,
        http=CuttableConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
