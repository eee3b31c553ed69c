"""By which names the console is reached, what links that leave it are built from, and whose word counts for
where a request comes from."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk.console.app import create_app
from socialdesk.console.hosts import Hosts
from socialdesk.console.server import ConsoleServer
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people.sign_ins import SignIn
from socialdesk.settings import Settings
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE
from tests.people import hire

PUBLIC = "https://desk.example"
FORM = {"username": "ana", "password": PASSWORD}
Enter = Callable[..., TestClient]


@pytest.fixture
def enter(make_settings: Callable[..., Settings], database: Database, cast: Cast) -> Iterator[Enter]:
    """A browser at that address of a console with these settings."""
    desks: list[Desk] = []

    def entered(address: str, **console: Any) -> TestClient:
        desks.append(assemble(make_settings(console=console)))
        return TestClient(create_app(desks[-1]), base_url=address, headers=SAME_SITE, follow_redirects=False)

    yield entered
    for each in desks:
        each.database.close()


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("localhost:9000", True),
        ("LOCALHOST.", True),
        ("127.0.0.1:8080", True),
        ("127.0.0.2", True),
        ("[::1]:8080", True),
        ("10.0.0.7:8080", True),
        ("desk.lan:8080", True),
        ("support.example", True),
        (None, True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("localhost@evil.example", False),
        ("evil.example#localhost", False),
        ("2130706433", False),
        ("", False),
        ("[", False),
        ("[::1", False),
        ("::1", False),
        ("a:b:c", False),
        ("localhost:port", False),
        ("localhost, evil.example", False),
    ],
)
def test_without_a_public_url_only_this_machine_and_addresses_are_names_of_the_console(
    make_settings: Callable[..., Settings], host: str | None, known: bool
) -> None:
    told = make_settings(console={"host": "desk.lan"}, satisfaction={"public_url": "https://support.example"})
    assert Hosts(told).knows(host) == known


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("desk.example", True),
        ("Desk.Example:443", True),
        ("desk.example.", True),
        ("localhost:8080", True),
        ("127.0.0.1:8080", True),
        ("10.0.0.7:8080", False),
        ("desk.lan", False),
        ("evil.example", False),
        ("desk.example.evil.example", False),
        ("", False),
    ],
)
def test_with_a_public_url_its_name_is_the_one(
    make_settings: Callable[..., Settings], host: str, known: bool
) -> None:
    told = make_settings(console={"host": "desk.lan", "public_url": PUBLIC})
    assert Hosts(told).knows(host) == known


@pytest.mark.parametrize("console", [{}, {"public_url": PUBLIC}])
def test_a_request_for_another_name_gets_a_plain_page_and_nothing_is_done(
    enter: Enter, database: Database, console: dict[str, str]
) -> None:
    browser = enter("http://evil.example", **console)
    for answer in (browser.get("/sign-in"), browser.post("/sign-in", data=FORM)):
        assert answer.status_code == 421
        assert "does not go by that name" in answer.text
        assert "evil.example" not in answer.text
        assert answer.headers["content-security-policy"]
    with database.reading() as session:
        assert session.exec(select(SignIn)).first() is None
    told = browser.get("/api/v1/cases")
    assert (told.status_code, told.headers["content-type"]) == (421, "application/problem+json")
    assert browser.get("/healthz").status_code == 200


def test_a_spoofed_host_is_in_no_invitation(enter: Enter, database: Database, password_hash: str) -> None:
    """Neither before the public address is set, nor after."""
    hire(database, "olga", "admin", password_hash)
    for console, address in (({}, "http://localhost"), ({"public_url": PUBLIC}, PUBLIC)):
        browser = enter(address, **console)
        browser.post("/sign-in", data={"username": "olga", "password": PASSWORD})
        person = {"username": f"new{len(console)}", "name": "New One"}
        spoofed = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        assert browser.post("/people", data=person, headers={"Host": "evil.example"}).status_code == 421
        page = browser.post("/people", data=person, headers=spoofed).text
        assert f"<code>{address}/invitation</code>" in page
        assert "evil.example" not in page


def test_an_invitation_leads_to_the_public_url_wherever_the_admin_works(
    enter: Enter, database: Database, password_hash: str
) -> None:
    hire(database, "olga", "admin", password_hash)
    browser = enter("http://127.0.0.1:8080", public_url="https://Desk.Example:443/")
    browser.post("/sign-in", data={"username": "olga", "password": PASSWORD})
    page = browser.post("/people", data={"username": "new", "name": "New One"}).text
    assert f"<code>{PUBLIC}/invitation</code>" in page


def test_the_settings_page_shows_both(enter: Enter, database: Database, password_hash: str) -> None:
    hire(database, "olga", "admin", password_hash)
    browser = enter(PUBLIC, public_url=PUBLIC, trusted_proxies=["10.0.0.0/24", "::1"])
    browser.post("/sign-in", data={"username": "olga", "password": PASSWORD})
    page = browser.get("/admin").text
    assert f"<bdi>{PUBLIC}</bdi>" in page
    assert "<bdi>10.0.0.0/24, ::1</bdi>" in page


@pytest.mark.parametrize(
    "origin",
    [
        "http://[",
        "https://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:8080@evil.example",
        "http://evil.example",
        "null",
        "http://127.0.0.1:8080, http://evil.example",
        "\x85",
    ],
)
def test_a_form_from_another_origin_is_refused_whatever_it_says(desk: Desk, cast: Cast, origin: str) -> None:
    browser = TestClient(create_app(desk), base_url="http://127.0.0.1:8080", follow_redirects=False)
    answer = browser.post("/sign-in", data=FORM, headers={b"Origin": origin.encode("latin-1")})
    assert (answer.status_code, "from another site" in answer.text) == (403, True)
    assert answer.headers["content-security-policy"]
    told = browser.post("/api/v1/cases/1/resolution", headers={b"Origin": origin.encode("latin-1")})
    assert (told.status_code, told.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", PUBLIC])
def test_a_form_of_our_own_is_let_through(enter: Enter, origin: str) -> None:
    """Also from behind a proxy that does not say it was reached over https."""
    browser = enter("http://127.0.0.1:8080", public_url=PUBLIC)
    del browser.headers["Sec-Fetch-Site"]
    assert browser.post("/sign-in", data=FORM, headers={"Origin": origin}).status_code == 303


# Proxies


@pytest.mark.parametrize("trusted", [("127.0.0.1",), ("10.9.8.7", "127.0.0.0/8"), (), ("10.0.0.0/8",)])
def test_what_a_proxy_says_of_where_a_request_comes_from_counts_if_it_is_trusted(
    desk: Desk, database: Database, cast: Cast, trusted: tuple[str, ...]
) -> None:
    believed = any(each.startswith("127.") for each in trusted)
    with ConsoleServer(create_app(desk), port=0, trusted=trusted) as console:
        head = _sign_in(console, "X-Forwarded-For: 192.0.2.66, 203.0.113.9\r\nX-Forwarded-Proto: https")
    assert (b"Secure" in head) == believed
    assert (b"__Host-desk=" in head) == believed
    assert (b"strict-transport-security" in head.lower()) == believed
    with database.reading() as session:
        assert session.exec(select(SignIn)).one().address == ("203.0.113.9" if believed else "127.0.0.1")


def test_the_environment_has_no_proxies_of_its_own(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvicorn's own variable would trust what the settings do not show."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with ConsoleServer(create_app(desk), port=0) as console:
        assert b"Secure" not in _sign_in(console, "X-Forwarded-Proto: https")


def _sign_in(console: ConsoleServer, more: str) -> bytes:
    """The head of the answer."""
    host, port = console.url.removeprefix("http://").split(":")
    body = f"username=ana&password={PASSWORD.replace(' ', '+')}"
    with socket.create_connection((host, int(port)), timeout=20) as proxy:
        proxy.sendall(
            f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n{more}\r\n"
            f"Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        told = b""
        while part := proxy.recv(4096):
            told += part
    assert told.startswith(b"HTTP/1.1 303 ")
    return told
