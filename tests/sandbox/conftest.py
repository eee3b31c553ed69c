"""A sandbox with a small cast, and the real tweepy client for each of them.

@ParcelHelp is the desk; @maria writes in Spanish about a late parcel, @kenji in Japanese by direct message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy

from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer

PUBLIC_HOST = "https://api.twitter.com"
KEYS = {
    "consumer_key": "desk-app",
    "consumer_secret": "desk-app-secret",
    "access_token": "desk-token",
    "access_token_secret": "desk-token-secret",
}
BEARER = "app-only-bearer"


class RedirectedSession(requests.Session):
    """Sends what tweepy means for X to the sandbox, before it is signed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.trust_env = False
        self.url = url
        self.last: requests.Response | None = None

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 5)
        kwargs.setdefault("allow_redirects", False)
        self.last = super().request(method, str(url).replace(PUBLIC_HOST, self.url), *args, **kwargs)
        return self.last

    @property
    def headers_of_last(self) -> Any:
        assert self.last is not None
        return self.last.headers


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


class Control:
    """The control door, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/sandbox"
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> Any:
        return self.session.get(self.url + path, timeout=5).json()

    def send(self, method: str, path: str, **body: Any) -> Any:
        answer = self.session.request(method, self.url + path, json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, endpoint: str, kind: str, **more: Any) -> None:
        self.send("POST", "/faults", endpoint=endpoint, kind=kind, **more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    world = World(now=clock)
    world.add_user("ParcelHelp", "Parcel Help", verified=True)
    world.add_user("maria", "María")
    world.add_user("kenji", "健二")
    world.add_app("ParcelHelp", **KEYS, bearer_token=BEARER)
    return world


@pytest.fixture
def server(world: World) -> Iterator[SandboxServer]:
    with SandboxServer(world) as server:
        yield server


@pytest.fixture
def control(server: SandboxServer) -> Iterator[Control]:
    control = Control(server.url)
    yield control
    control.session.close()


@pytest.fixture
def connect(server: SandboxServer) -> Iterator[Callable[..., tweepy.Client]]:
    """Makes clients; without arguments, the desk's own."""
    sessions = []

    def client(**keys: str) -> tweepy.Client:
        client = tweepy.Client(**(keys or KEYS), return_type=dict)
        client.session = RedirectedSession(server.url)
        sessions.append(client.session)
        return client

    yield client
    for session in sessions:
        session.close()


@pytest.fixture
def desk(connect: Callable[..., tweepy.Client]) -> tweepy.Client:
    return connect()
