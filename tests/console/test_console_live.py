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

from socialdesk import cases, clock
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.console.server import ConsoleServer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import DeskError
from socialdesk.people.permissions import Membership
from socialdesk.worklists import presence
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Town

SECONDS = 30


@contextmanager
def signed_in_at(url: str, username: str = "ana") -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, headers=SAME_SITE, timeout=SECONDS) as browser:
        answer = browser.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303
        yield browser


def next_event(lines: Iterator[str], name: str = "cases") -> dict[str, str]:
    """The next event of that name."""
    event: dict[str, str] = {}
    for line in lines:
        if not line and event.get("event") == name:
            return event
        field, _, value = line.partition(": ")
        event = event | {field: value} if line else {}
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


def test_a_console_is_told_where_the_feed_is_before_anything_happens(
    console: ConsoleServer, cast: Cast, maria: Case
) -> None:
    assert cast
    with signed_in_at(console.url) as browser, browser.stream("GET", "/live") as stream:
        event = next_event(stream.iter_lines(), "begun")
    assert json.loads(event["data"]) == {"newest": int(event["id"])}
    assert int(event["id"]) > 0


def test_a_page_that_connects_anew_says_itself_what_it_was_told_last(
    console: ConsoleServer, cast: Cast, maria: Case, kenji: Case
) -> None:
    assert cast
    with signed_in_at(console.url) as browser:
        with browser.stream("GET", "/live?after=0") as stream:
            first = json.loads(next_event(stream.iter_lines())["data"])[0]
        with browser.stream("GET", f"/live?after={first['id']}") as stream:
            missed = json.loads(next_event(stream.iter_lines())["data"])
    assert first["case"] == maria.id
    assert first["id"] not in {each["id"] for each in missed}
    assert kenji.id in {each["case"] for each in missed}


def test_colleagues_are_told_who_looks_and_who_writes_but_not_oneself(
    console: ConsoleServer, cast: Cast, maria: Case
) -> None:
    assert cast
    with (
        signed_in_at(console.url) as ana,
        signed_in_at(console.url, "ben") as ben,
        ana.stream("GET", "/live") as stream,
    ):
        lines = stream.iter_lines()
        assert json.loads(next_event(lines, "presence")["data"]) == []
        assert ana.post(f"/cases/{maria.id}/presence", data={"doing": "writing"}).status_code == 204
        assert ben.post(f"/cases/{maria.id}/presence", data={"doing": "writing"}).status_code == 204
        there = {"case": maria.id, "name": "Ben Okoro", "initials": "BO", "writing": True}
        told = json.loads(next_event(lines, "presence")["data"])
        assert (told or json.loads(next_event(lines, "presence")["data"])) == [there]
        ben.post(f"/cases/{maria.id}/presence", data={"doing": "gone"})
        assert json.loads(next_event(lines, "presence")["data"]) == []


def test_whoever_had_a_case_is_told_who_took_it_over(console: ConsoleServer, cast: Cast, maria: Case) -> None:
    assert cast
    with (
        signed_in_at(console.url) as ana,
        signed_in_at(console.url, "ben") as ben,
        ana.stream("GET", "/live") as stream,
    ):
        lines = stream.iter_lines()
        next_event(lines, "presence")
        ben.post(f"/cases/{maria.id}/assignment", data={"to": "me"})
        (told,) = json.loads(next_event(lines)["data"])
        ana.post(f"/cases/{maria.id}/assignment", data={"to": "me"})
        (mine,) = json.loads(next_event(lines)["data"])
    assert (told["kind"], told["by"]) == ("assigned", "Ben Okoro")
    assert "by" not in mine


def test_cases_and_colleagues_of_other_accounts_do_not_exist_in_the_feed(
    console: ConsoleServer, desk: Desk, cast: Cast, town: Town, maria: Case
) -> None:
    with desk.database.transaction() as session:
        other = Account(handle="SouthwindHelp", credentials="SOUTHWIND", enrolled_at=clock.now())
        session.add(other)
        session.flush()
        session.add(Membership(agent_id=cast.ana.id or 0, account_id=other.id or 0, role="agent"))
        presence.note(session, maria.id or 0, cast.ben, writing=True)
    with signed_in_at(console.url) as ana, ana.stream("GET", "/live?after=0") as stream:
        lines = stream.iter_lines()
        assert json.loads(next_event(lines, "presence")["data"]) == []
        town.writes("101", "¿Hola?", minutes_ago=1)
        with desk.database.transaction() as session:
            session.get_one(Case, maria.id).account_id = other.id or 0
        while not (there := json.loads(next_event(lines, "presence")["data"])):
            pass  # his colleague is at a case of his own account soon
    assert [each["name"] for each in there] == ["Ben Okoro"]


def test_whoever_is_called_in_a_note_is_told_that_it_is_they(
    console: ConsoleServer, cast: Cast, desk: Desk, maria: Case
) -> None:
    told = {}
    for username in ("ana", "ben"):
        with signed_in_at(console.url, username) as browser, browser.stream("GET", "/live") as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": open"
            with desk.database.transaction() as session:
                words = f"@ben please, {username} looks on"  # the same words again would be one note
                notes.write(session, cases.hold(session, maria.id or 0), words, by=cast.sofia)
            events = json.loads(next_event(lines)["data"])
        told[username] = [each.get("me") for each in events if each["kind"] == "mentioned"]
    assert told == {"ana": [None], "ben": [True]}
