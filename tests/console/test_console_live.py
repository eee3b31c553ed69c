"""The live feed over a real connection, and the end of the server while somebody listens."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from socialdesk.cases import Case
from socialdesk.console.server import ConsoleServer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import DeskError
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Town

SECONDS = 10


@contextmanager
def signed_in_at(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, headers=SAME_SITE, timeout=SECONDS) as browser:
        answer = browser.post("/sign-in", data={"username": "ana", "password": PASSWORD})
        assert answer.status_code == 303
        yield browser


def next_event(lines: Iterator[str]) -> dict[str, str]:
    """The next event that is more than a comment."""
    event: dict[str, str] = {}
    for line in lines:
        if not line and "data" in event:
            return event
        name, _, value = line.partition(": ")
        event[name] = value
    raise AssertionError("the stream ended")


def test_an_open_console_is_told_what_changed_but_never_what_was_written(
    console: ConsoleServer, cast: Cast, town: Town, maria: Case
) -> None:
    assert cast
    with signed_in_at(console.url) as browser, browser.stream("GET", "/live") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        town.writes("101", "¿Hola? ¿Hay alguien?", minutes_ago=1)
        event = next_event(lines)
    assert event["event"] == "cases"
    (told,) = json.loads(event["data"])
    assert told == {"id": int(event["id"]), "case": maria.id, "kind": "customer_wrote"}


def test_a_console_that_was_away_is_told_what_it_missed(
    console: ConsoleServer, cast: Cast, maria: Case, kenji: Case
) -> None:
    assert cast
    headers = {"Last-Event-ID": "0"}
    with signed_in_at(console.url) as browser, browser.stream("GET", "/live", headers=headers) as stream:
        event = next_event(stream.iter_lines())
    assert {each["case"] for each in json.loads(event["data"])} == {maria.id, kenji.id}


@pytest.mark.parametrize("told", ["x", "-1", "9" * 40, "²"])
def test_a_strange_last_event_id_is_as_good_as_none(
    console: ConsoleServer, cast: Cast, town: Town, maria: Case, told: str
) -> None:
    assert cast
    headers = {b"Last-Event-ID": told.encode()}
    with signed_in_at(console.url) as browser, browser.stream("GET", "/live", headers=headers) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        town.writes("101", "¿Hola?", minutes_ago=1)
        assert [each["case"] for each in json.loads(next_event(lines)["data"])] == [maria.id]


def test_a_taken_port_is_told_in_one_sentence(console: ConsoleServer) -> None:
    port = int(console.url.rsplit(":", 1)[1])
    with pytest.raises(DeskError, match=f"Port {port} on 127.0.0.1 is taken"):
        ConsoleServer(lambda *_: None, port=port)  # type: ignore[arg-type]


_PROGRAM = """
import sys
from pathlib import Path
from socialdesk import settings
from socialdesk.console.app import create_app
from socialdesk.console.server import ConsoleServer
from socialdesk.desk import assemble
made = settings.build(
    {"accounts": [{"handle": "NorthwindHelp", "credentials": "NORTHWIND"}], "database": {"url": sys.argv[1]}},
    folder=Path(),
)
server = ConsoleServer(create_app(assemble(made)), port=0, ready=lambda url: print(url, flush=True))
server.serve_until_told()
print("closed", flush=True)
"""


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_at_once_though_somebody_listens(
    desk: Desk, database: Database, cast: Cast, with_signal: signal.Signals, tmp_path: Path
) -> None:
    assert cast
    url = desk.settings.database.url
    assert database
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        with signed_in_at(address) as browser, browser.stream("GET", "/live") as stream:
            assert next(stream.iter_lines()) == ": open"
            begun = time.monotonic()
            process.send_signal(with_signal)
            printed, complaints = process.communicate(timeout=SECONDS)
    assert (printed, complaints, process.returncode) == ("closed\n", "", 0)
    assert time.monotonic() - begun < 5  # the promise is two; a busy machine gets more
