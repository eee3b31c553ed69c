"""The console as it is installed, in a process of its own, and a browser's side of one connection to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from socialdesk.settings import AccountSettings

_COMMAND = Path(sys.executable).with_name("socialdesk")
_PATIENCE_SECONDS = 10


class Browser:
    """Somebody signed in, on a connection that is kept."""

    def __init__(self, address: str, token: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._headers = {"Cookie": f"desk={token}", "Accept": "text/html"}

    def get(self, path: str) -> bytes:
        """The page. Raises RuntimeError for an answer that is none, a way to the sign-in for instance."""
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} was answered with {response.status}")
        return body

    def close(self) -> None:
        self._connection.close()


@contextmanager
def console(database_url: str, account: AccountSettings, folder: Path) -> Iterator[str]:
    """The address of `socialdesk console` on that database, on a free port of 127.0.0.1."""
    file = folder / "settings.toml"
    file.write_text(_settings(database_url, account), encoding="utf-8")
    command = [str(_COMMAND), "console", "--settings", str(file), "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield _address(process)
        finally:
            _stop(process)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = process.stdout.readline()
    found = [word.rstrip(".") for word in said.split() if word.startswith("http://")]
    if not found:
        raise RuntimeError(f"the console did not start: {said.strip()}")
    return found[0]


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _settings(database_url: str, account: AccountSettings) -> str:
    """A TOML file: its plain strings are written as JSON's are."""
    lines = (
        "[[accounts]]",
        f"handle = {json.dumps(account.handle)}",
        f"credentials = {json.dumps(account.credentials)}",
        "[database]",
        f"url = {json.dumps(database_url)}",
        "[log]",
        'level = "warning"',
    )
    return "\n".join(lines)
