"""Webhooks, told over HTTP to a receiver of our own, on both databases."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from socialdesk import cases, clock, webhooks
from socialdesk.cases import Case
from socialdesk.desk import Desk, assemble
from socialdesk.errors import BadInput, NotFound
from socialdesk.settings import Settings
from socialdesk.webhooks import Webhook, WebhookDelivery
from socialdesk.workers import announcer
from socialdesk.workers.announcer import announce
from tests.conftest import Cast
from tests.stories import MARIA, all_cases, arrive, post

PATIENCE = 20


class Receiver:
    """A web server that keeps what it is told, and answers as it is bidden: with 204 unless it is said."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/told"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

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
def telling_desk(
    database: object, make_settings: Callable[..., Settings], receiver: Receiver
) -> Iterator[Desk]:
    desk = assemble(make_settings(webhooks={"hosts": [receiver.host]}))
    yield desk
    desk.database.close()


@pytest.fixture
def case(telling_desk: Desk) -> Case:
    arrive(telling_desk, post(MARIA))
    with telling_desk.database.reading() as session:
        return all_cases(session)[0]


@pytest.fixture
def webhook(telling_desk: Desk, receiver: Receiver, case: Case) -> Webhook:
    return subscribe(telling_desk, receiver)


def subscribe(desk: Desk, receiver: Receiver, kinds: tuple[str, ...] = ("assigned", "resolved")) -> Webhook:
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
) -> None:
    resolve(telling_desk, case, cast)
    announce(telling_desk)
    headers, body = receiver.got[0]
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_what_was_not_taken_is_told_again_later_with_the_same_id(
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
) -> None:
    receiver.answers = [410]
    resolve(telling_desk, case, cast)
    announce(telling_desk)
    assert len(receiver.got) == 1
    with telling_desk.database.reading() as session:
        assert session.get_one(Webhook, webhook.id).ended_at
        assert not session.exec(select(WebhookDelivery)).all()


def test_a_worker_that_dies_while_it_tells_is_made_good(
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast
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
    telling_desk: Desk, receiver: Receiver, webhook: Webhook, case: Case, cast: Cast, desk: Desk
) -> None:
    resolve(telling_desk, case, cast)
    assert announce(desk) == 0
    assert not receiver.got


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_the_house_is_not_followed(
    inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = socket.AF_INET6 if ":" in inside else socket.AF_INET
    there = [(kind, socket.SOCK_STREAM, 6, "", (inside, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: there)
    with pytest.raises(BadInput, match="not for the outside"):
        announcer._address("allowed.example", 443)


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


def test_an_allowed_address_is_taken() -> None:
    webhooks.refuse("https://allowed.example/told?by=desk", ["allowed.example"])
