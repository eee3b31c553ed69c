"""What somebody sends who means harm: refused or without effect, and others are served meanwhile."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console.protection import LARGEST_BODY
from socialdesk.console.server import ConsoleServer
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from tests.conftest import Cast
from tests.console.test_console_roles import rules

OUTSIDE = (
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fsettings.toml",
    "..%5c..%5cwindows%5cwin.ini",
    "%00",
    "%2fetc%2fpasswd",
    "C:%5cboot.ini",
)


def test_addresses_lead_out_of_no_folder(ana: TestClient, maria: Case) -> None:
    static = ana.get("/queue").text.partition('rel="stylesheet" href="')[2].rpartition("/")[0].split('"')[0]
    for outside in OUTSIDE:
        for address in (
            f"{static}/{outside}",
            f"/replies/{outside}/es",
            f"/replies/where_is_my_order/{outside}",
            f"/replies/where_is_my_order/es/{outside}/history",
            f"/cases/{maria.id}?template={outside}&as=public",
        ):
            answer = ana.get(address)
            assert answer.status_code in (200, 404, 422), address
            assert "root:" not in answer.text, address
            assert answer.status_code != 200 or "template=" in address, address


def test_what_only_writes_cannot_be_read(ana: TestClient) -> None:
    reading = {path for method, path in rules() if method == "GET"}
    writing = {path for method, path in rules() if method == "POST"} - reading
    for path in sorted(writing):
        answer = ana.get(path.replace("{", "").replace("}", ""))
        assert answer.status_code in (404, 405, 422), path


@pytest.mark.parametrize("media", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_a_form_in_another_guise_does_nothing(ana: TestClient, desk: Desk, maria: Case, media: str) -> None:
    body = {"text/plain": "to=me", "application/json": '{"to": "me"}'}.get(media, "--x--\r\n")
    answer = ana.post(f"/cases/{maria.id}/assignment", content=body, headers={"Content-Type": media})
    assert answer.status_code == 422
    with desk.database.reading() as session:
        assert session.get_one(Case, maria.id).assignee_id is None


def test_fields_that_no_form_has_change_nothing(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    more = {"state": "sent", "approved_by_id": "1", "role": "admin", "id": "77", "revision": "0"}
    words = {"text": "Lo miramos.", "as": "public", "seen": "1", **more}
    assert ana.post(f"/cases/{maria.id}/replies", data=words).status_code == 303
    ana.post("/account/language", data={"language": "en", "role": "admin", "username": "root"})
    with desk.database.reading() as session:
        reply = session.exec(select(Reply)).one()
        agent = session.get_one(Agent, cast.ana.id)
    assert (reply.id, reply.state, reply.approved_by_id) == (1, State.DRAFT, None)
    assert (agent.role, agent.username) == ("agent", "ana")


@pytest.mark.parametrize(
    "data",
    [
        {"to": ["me", "nobody"]},
        {"to": "everybody"},
        {"to": ""},
        {"to[]": "me"},
    ],
)
def test_a_field_of_the_wrong_kind_or_told_twice_is_no_way_in(
    ana: TestClient, maria: Case, data: dict[str, str | list[str]]
) -> None:
    answer = ana.post(f"/cases/{maria.id}/assignment", data=data)
    assert answer.status_code in (303, 422)
    assert answer.status_code == 422 or data == {"to": ["me", "nobody"]}


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "99999999999999999999", "1;drop", "١"])
def test_a_number_that_is_none_is_not_found(ana: TestClient, maria: Case, number: str) -> None:
    assert ana.get(f"/cases/{number}").status_code in (404, 422)


def test_ten_thousand_fields_are_too_many(ana: TestClient, maria: Case) -> None:
    fields = "&".join(f"f{number}=x" for number in range(10_000))
    answer = ana.post(
        f"/cases/{maria.id}/assignment",
        content=fields,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (400, 413, 422)


@pytest.mark.parametrize(
    ("announced", "status"),
    [("Transfer-Encoding: chunked", 411), (f"Content-Length: {LARGEST_BODY + 1}", 413)],
)
def test_a_body_without_end_is_refused_before_it_is_read(
    console: ConsoleServer, announced: str, status: int
) -> None:
    """The answer is there though only the head has come: what follows is kept nowhere."""
    for path in ("/api/v1/cases", "/api/v1/openapi.json", "/queue", "/sign-in", "/nothing"):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
            assert _told_after(console, f"{method} {path}", announced) == status, (method, path)


def test_a_program_without_a_token_is_told_so_before_its_body_is_read(console: ConsoleServer) -> None:
    announced = "Authorization: Bearer sd_none\r\nContent-Length: 1000"
    assert _told_after(console, "GET /api/v1/cases", announced) == 401
    assert _told_after(console, "POST /api/v1/cases/1/resolution", announced) == 401


def _told_after(console: ConsoleServer, asked: str, more: str) -> int:
    """The status that is told while the body is still to come."""
    host, port = console.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as program:
        head = f"{asked} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n{more}\r\n\r\n"
        program.sendall(head.encode())
        told = program.recv(4096)
    assert told, "the connection was ended without an answer"
    return int(told.split()[1])


def test_a_huge_header_ends_the_request_and_others_are_served(console: ConsoleServer) -> None:
    host, port = console.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as huge:
        huge.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        with socket.create_connection((host, int(port)), timeout=20) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b" 200 " in other.recv(4096)
        try:
            huge.sendall(b"x" * 1_000_000)
            told = huge.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            told = b""
    assert told == b"" or told.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


def test_what_is_no_request_is_told_so(console: ConsoleServer) -> None:
    host, port = console.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as strange:
        strange.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")
        assert strange.recv(4096).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_cell_of_a_table_is_never_a_formula(sofia: TestClient, maria: Case) -> None:
    lines = sofia.get("/languages.csv?days=all").text.splitlines()
    assert len(lines) > 1
    assert not [cell for line in lines for cell in line.split(",") if cell[:1] in {"=", "+", "@", "\t"}]


def test_what_is_logged_stays_one_line_in_plain_characters() -> None:
    told = subprocess.run([sys.executable, "-c", _LOGS], capture_output=True, check=True, text=True).stderr
    (line,) = told.splitlines()
    assert json.loads(line)["path"].startswith("/x")
    assert "\x1b" not in line


_LOGS = """
import structlog
from socialdesk import logs
from socialdesk.settings import Log
logs.configure(Log(format="json"))
structlog.get_logger().error("a page failed", path="/x\\r\\n2026 [critical] owned \\x1b[31m")
"""
