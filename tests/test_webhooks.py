"""Webhooks, told over HTTP to a receiver of our own, on both databases."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import time_machine
import trustme
from sqlmodel import select

from socialdesk import cases, clock, webhooks
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.errors import BadInput, NotFound, SettingsError
from socialdesk.people import keys
from socialdesk.webhooks import Subscribed, Webhook, WebhookDelivery
from socialdesk.workers import announcer
from socialdesk.workers.announcer import announce
from tests.conftest import SECRETS_KEY, Cast
from tests.stories import MARIA, all_cases, arrive, post

pytestmark = pytest.mark.usefixtures("secrets_key")
LATER_KEY = "another-key-and-as-long-as-the-first-one"
PLAIN = f"whsec_{base64.b64encode(b'kept by an earlier version of us').decode()}"
DRIPS = 30


class Receiver:
    """A web server that keeps what it is told, and answers as it is bidden: with 204 unless it is said."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.drips: tuple[bytes, float] | None = None  # how the answer begins, and the seconds between bytes
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                with suppress(OSError):
                    self._answer()

            def _answer(self) -> None:
                if receiver.drips:
                    receiver.drips_over(self.wfile)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/told"
        self._authority = trustme.CA()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def secured(self, name: str) -> None:
        """Over TLS from now on, under that name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = f"{name}:{self._server.server_port}"
        self.url = f"https://{self.host}/told"

    def trusted_through(self, file: Path) -> None:
        self._authority.cert_pem.write_to_path(str(file))

    def drips_over(self, out: Any) -> None:
        """The answer's head, a byte at a time, for some seconds."""
        assert self.drips
        begun, between = self.drips
        out.write(begun)
        for _ in range(DRIPS):
            time.sleep(between)
            out.write(b"x")
        out.write(b"\r\n")

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def telling_desk(make_desk: Callable[..., Desk], receiver: Receiver) -> Desk:
    return make_desk(webhooks={"hosts": [receiver.host]})


@pytest.fixture
def case(telling_desk: Desk) -> Case:
    arrive(telling_desk, post(MARIA))
    with telling_desk.database.reading() as session:
        return all_cases(session)[0]


@pytest.fixture
def webhook(telling_desk: Desk, receiver: Receiver, case: Case) -> Subscribed:
    return subscribe(telling_desk, receiver)


def subscribe(
    desk: Desk, receiver: Receiver, kinds: tuple[str, ...] = ("assigned", "resolved")
) -> Subscribed:
    with desk.database.transaction() as session:
        return webhooks.subscribe(
            session, name="Warehouse", url=receiver.url, kinds=kinds, hosts=[receiver.host]
        )


def resolve(desk: Desk, case: Case, cast: Cast) -> None:
    with desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        held.assign(cast.ana, by=cast.ana)
        held.resolve(by=cast.ana)


def test_what_happens_is_told_once_and_in_order(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    assert announce(telling_desk) == 2
    assert announce(telling_desk) == 0
    assert [each["type"] for each in receiver.told] == ["assigned", "resolved"]
    assert receiver.told[0]["data"]["case_id"] == case.id
    assert receiver.told[0]["data"]["by"] == "ana"


def test_nothing_that_anybody_wrote_is_told(
    telling_desk: Desk, receiver: Receiver, case: Case, cast: Cast
) -> None:
    subscribe(telling_desk, receiver, webhooks.KINDS)
    arrive(telling_desk, post(MARIA, "Mi pedido 305-1234567-1234567 no llega", minutes=5))
    resolve(telling_desk, case, cast)
    announce(telling_desk)
    assert receiver.got
    for _, body in receiver.got:
        assert b"pedido" not in body
        assert set(json.loads(body)["data"]) == {"event_id", "case_id", "account_id", "by"}


def test_a_receiver_knows_the_desk_by_its_signature(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    announce(telling_desk)
    headers, body = receiver.got[0]
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_what_was_not_taken_is_told_again_later_with_the_same_id(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    receiver.answers = [500, 302]
    resolve(telling_desk, case, cast)
    assert announce(telling_desk) == 0
    assert announce(telling_desk) == 0
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert announce(telling_desk) == 2
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[:2] == ids[2:]


def test_who_only_fails_is_told_nothing_more_after_some_days(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    receiver.answers = [500] * 50
    resolve(telling_desk, case, cast)
    begun = clock.now()
    for hours in range(0, 24 * 5, 3):
        with time_machine.travel(begun + timedelta(hours=hours)):
            announce(telling_desk)
    assert len(receiver.got) <= 2 * (len(webhooks.AGAIN_AFTER) + 1)
    with telling_desk.database.reading() as session:
        assert session.get_one(Webhook, webhook.id).trouble == "It answered 500."


def test_a_receiver_that_is_gone_is_told_nothing_more(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    receiver.answers = [410]
    resolve(telling_desk, case, cast)
    announce(telling_desk)
    assert len(receiver.got) == 1
    with telling_desk.database.reading() as session:
        assert session.get_one(Webhook, webhook.id).ended_at
        assert not session.exec(select(WebhookDelivery)).all()


def test_a_worker_that_dies_while_it_tells_is_made_good(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    with telling_desk.database.transaction() as session:
        webhooks.gather(session)
        assert webhooks.claim(session, lease=timedelta(seconds=60))
    assert announce(telling_desk) == 1
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert announce(telling_desk) == 1
    assert sorted(each["type"] for each in receiver.told) == ["assigned", "resolved"]


def test_what_happened_before_is_not_told(
    telling_desk: Desk, receiver: Receiver, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    subscribe(telling_desk, receiver, webhooks.KINDS)
    assert announce(telling_desk) == 0


def test_an_ended_webhook_is_told_nothing(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    with telling_desk.database.transaction() as session:
        webhooks.gather(session)
        webhooks.end(session, webhook.id or 0)
    assert announce(telling_desk) == 0
    assert not receiver.got
    with pytest.raises(NotFound), telling_desk.database.transaction() as session:
        webhooks.end(session, webhook.id or 0)


def test_a_host_that_the_settings_allow_no_more_is_told_nothing(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast, desk: Desk
) -> None:
    resolve(telling_desk, case, cast)
    assert announce(desk) == 0
    assert not receiver.got


@pytest.mark.parametrize(
    "inside",
    [
        *("127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "fec0::1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::"),
        *("224.0.1.1", "ff0e::1", "240.0.0.1", "100.64.0.1", "2001:db8::1"),
    ],
)
def test_a_name_that_leads_inside_the_house_is_not_followed(
    inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = socket.AF_INET6 if ":" in inside else socket.AF_INET
    there = [(kind, socket.SOCK_STREAM, 6, "", (inside, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: there)
    with pytest.raises(BadInput, match="not for the outside"):
        webhooks.address("allowed.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "http://allowed.example/",
        "https://allowed.example:8443/",
        "https://someone@allowed.example/",
        "https://allowed.example\\@elsewhere.example/",
        "file:///etc/passwd",
        "https://allowed.example:99999/",
        "https:///",
        "allowed.example",
        "https://allowed.example/ space",
    ],
)
def test_an_address_that_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        webhooks.refuse(url, ["allowed.example"])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://allowed.example/told?by=desk", "allowed.example"),
        ("https://ALLOWED.example/told", "allowed.example"),
        ("https://allowed.example:8443/", "allowed.example:8443"),
        ("https://[2606:4700::1111]/told", "[2606:4700::1111]"),
        ("http://[::1]:9000/told", "[::1]:9000"),
    ],
)
def test_an_allowed_address_is_taken(url: str, host: str) -> None:
    webhooks.refuse(url, [host])


@pytest.mark.parametrize(
    "outside", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_a_name_that_leads_outside_is_followed(outside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = socket.AF_INET6 if ":" in outside else socket.AF_INET
    there = [(kind, socket.SOCK_STREAM, 6, "", (outside, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: there)
    assert webhooks.address("allowed.example", 443) == outside


# The secret


def kept(desk: Desk, webhook_id: int) -> str:
    with desk.database.reading() as session:
        return session.get_one(Webhook, webhook_id).secret


def signed_with(receiver: Receiver, secret: str) -> bool:
    """What was told last."""
    headers, body = receiver.got[-1]
    given = webhooks.signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    return given == headers["webhook-signature"]


def test_the_secret_is_in_no_row(telling_desk: Desk, receiver: Receiver, webhook: Subscribed) -> None:
    stored = kept(telling_desk, webhook.id)
    assert webhook.secret.startswith("whsec_")
    assert keys.is_sealed(stored)
    assert webhook.secret.removeprefix("whsec_") not in stored


def test_a_secret_of_an_earlier_version_goes_on_signing_and_is_sealed(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    with telling_desk.database.transaction() as session:
        session.get_one(Webhook, webhook.id).secret = PLAIN
    resolve(telling_desk, case, cast)
    assert announce(telling_desk) == 2
    assert signed_with(receiver, PLAIN)
    assert keys.is_sealed(kept(telling_desk, webhook.id))


def test_a_secret_comes_under_a_new_key(
    telling_desk: Desk,
    receiver: Receiver,
    webhook: Subscribed,
    case: Case,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = kept(telling_desk, webhook.id)
    monkeypatch.setenv(keys.VARIABLE, f"{LATER_KEY} {SECRETS_KEY}")
    resolve(telling_desk, case, cast)
    assert announce(telling_desk) == 2
    assert signed_with(receiver, webhook.secret)
    assert kept(telling_desk, webhook.id) != before


def test_without_its_key_nothing_is_told_and_all_of_it_once_the_key_is_back(
    telling_desk: Desk,
    receiver: Receiver,
    webhook: Subscribed,
    case: Case,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(telling_desk, case, cast)
    monkeypatch.setenv(keys.VARIABLE, LATER_KEY)
    assert announce(telling_desk) == 0
    assert not receiver.got
    monkeypatch.setenv(keys.VARIABLE, SECRETS_KEY)
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert announce(telling_desk) == 2


def test_without_any_key_there_is_no_new_webhook_and_the_old_ones_go_on(
    telling_desk: Desk,
    receiver: Receiver,
    webhook: Subscribed,
    case: Case,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(keys.VARIABLE)
    with telling_desk.database.transaction() as session:
        session.get_one(Webhook, webhook.id).secret = PLAIN
        file = keys.file_of(session)
    if file:  # SQLite has a place for one
        assert keys.is_sealed(kept(telling_desk, subscribe(telling_desk, receiver, ("opened",)).id))
        file.unlink()
        file.mkdir()  # and has it no more
    else:
        with pytest.raises(SettingsError, match="need a key"):
            subscribe(telling_desk, receiver)
    resolve(telling_desk, case, cast)
    assert announce(telling_desk) == 2
    assert signed_with(receiver, PLAIN)
    assert kept(telling_desk, webhook.id) == PLAIN


def test_an_ended_webhook_leaves_no_secret(
    telling_desk: Desk, receiver: Receiver, webhook: Subscribed, case: Case, cast: Cast
) -> None:
    another = subscribe(telling_desk, receiver)
    with telling_desk.database.transaction() as session:
        webhooks.end(session, webhook.id)
        ended = session.get_one(Webhook, another.id)
        ended.ended_at, ended.secret = clock.now(), PLAIN  # by an earlier version
    assert kept(telling_desk, webhook.id) == ""
    announce(telling_desk)
    assert kept(telling_desk, another.id) == ""


def test_a_receiver_over_tls_is_known_by_its_certificate(
    make_desk: Callable[..., Desk],
    receiver: Receiver,
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.secured("localhost")
    desk = make_desk(webhooks={"hosts": [receiver.host]})
    arrive(desk, post(MARIA))
    subscribe(desk, receiver, ("resolved",))
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    assert announce(desk) == 0  # nobody has signed for it
    receiver.trusted_through(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert announce(desk) == 1
    assert receiver.told[0]["type"] == "resolved"


# Receivers that take their time


def test_a_receiver_that_says_hello_a_byte_at_a_time_is_cut_off(
    make_desk: Callable[..., Desk],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over TLS the wait begins before any answer does."""
    monkeypatch.setattr(announcer, "WITHIN_SECONDS", 0.5, raising=False)
    said: list[bytes] = []

    def greet() -> None:
        opened, _ = listening.accept()
        with opened, suppress(OSError):
            opened.sendall(b"\x16\x03\x03\x40\x00")  # the head of a long handshake record
            for _ in range(DRIPS):
                time.sleep(0.1)
                opened.sendall(b"\x02")
                said.append(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        greeter = threading.Thread(target=greet)
        greeter.start()
        desk = make_desk(webhooks={"hosts": [host]})
        arrive(desk, post(MARIA))
        with desk.database.transaction() as session:
            url = f"https://{host}/"
            webhooks.subscribe(session, name="Slow", url=url, kinds=["resolved"], hosts=[host])
        with desk.database.transaction() as session:
            cases.hold(session, 1).resolve(by=cast.ana)
        assert announce(desk) == 0
        greeter.join()
    assert len(said) < DRIPS


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 204 No Content\r\nX-Slow: "])
def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off(
    telling_desk: Desk,
    receiver: Receiver,
    webhook: Subscribed,
    case: Case,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    begun: bytes,
) -> None:
    """Each byte comes long before a socket would tire of waiting; the whole of it would be an answer."""
    monkeypatch.setattr(announcer, "WITHIN_SECONDS", 0.5, raising=False)
    receiver.drips = (begun or b"HTTP/1.1 204 ", 0.1)
    with telling_desk.database.transaction() as session:
        cases.hold(session, case.id or 0).assign(cast.ana, by=cast.ana)
    assert announce(telling_desk) == 0
    with telling_desk.database.reading() as session:
        assert session.get_one(Webhook, webhook.id).failing_since
        assert session.exec(select(WebhookDelivery)).one().due_at


def test_a_slow_receiver_is_told_one_thing_a_turn_and_others_theirs(
    telling_desk: Desk,
    receiver: Receiver,
    webhook: Subscribed,
    case: Case,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announcer, "SLOW_SECONDS", 0.0, raising=False)
    other = subscribe(telling_desk, receiver)
    resolve(telling_desk, case, cast)
    assert [announce(telling_desk), announce(telling_desk), announce(telling_desk)] == [2, 2, 0]
    told = [headers["webhook-id"].split("_")[1] for headers, _ in receiver.got]
    assert sorted(told[:2]) == sorted(told[2:]) == sorted([str(webhook.id), str(other.id)])
