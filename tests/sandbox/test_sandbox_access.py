"""Who may call: signatures, bearer tokens, and how often."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import tweepy
from oauthlib.oauth1 import Client as Signer

from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer

SIGNING = ("desk-app", "desk-app-secret", "desk-token", "desk-token-secret")
NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


def keys(**changed: str) -> dict[str, str]:
    return {**dict(zip(NAMES, SIGNING, strict=True)), **changed}


@pytest.mark.parametrize("wrong", NAMES)
def test_one_wrong_key_is_refused(connect: Callable[..., tweepy.Client], wrong: str) -> None:
    client = connect(**keys(**{wrong: "wrong"}))
    with pytest.raises(tweepy.Unauthorized) as refused:
        client.get_me()
    assert refused.value.response.json() == {
        "title": "Unauthorized",
        "type": "about:blank",
        "status": 401,
        "detail": "Unauthorized",
    }
    assert refused.value.response.headers["content-type"] == "application/problem+json"


def signed_headers(url: str, **oauth: Any) -> dict[str, str]:
    _, headers, _ = Signer(*SIGNING, **oauth).sign(url)
    return dict(headers)


def get(url: str, headers: dict[str, str]) -> int:
    return requests.get(url, headers=headers, timeout=5).status_code


def test_a_signature_over_another_address_is_refused(server: SandboxServer) -> None:
    url = f"{server.url}/2/users/me"
    assert get(url, signed_headers(url)) == 200
    assert get(url, signed_headers("https://api.twitter.com/2/users/me")) == 401
    assert get(url, signed_headers(f"{server.url}/2/users")) == 401
    assert get(f"{url}?user.fields=verified", signed_headers(url)) == 401


def test_a_signature_counts_only_once(server: SandboxServer) -> None:
    url = f"{server.url}/2/users/me"
    headers = signed_headers(url)
    assert [get(url, headers), get(url, headers)] == [200, 401]


@pytest.mark.parametrize("age", [-400, 400])
def test_a_signature_from_another_time_is_refused(server: SandboxServer, age: int) -> None:
    url = f"{server.url}/2/users/me"
    assert get(url, signed_headers(url, timestamp=str(int(time.time()) - age))) == 401


@pytest.mark.parametrize("header", ["", "OAuth", "OAuth nonsense", "Basic abc", "Bearer None"])
def test_a_header_that_means_nothing_is_refused(server: SandboxServer, header: str) -> None:
    assert get(f"{server.url}/2/users/me", {"Authorization": header} if header else {}) == 401


def test_the_app_alone_reads_what_is_public_and_nothing_else(
    connect: Callable[..., tweepy.Client], world: World
) -> None:
    app = connect(bearer_token="app-only-bearer")
    world.post("maria", "@ParcelHelp hola")
    assert app.get_users_mentions(world.user("ParcelHelp").id)["meta"]["result_count"] == 1
    with pytest.raises(tweepy.Forbidden) as refused:
        app.get_direct_message_events(user_auth=False)
    assert refused.value.response.json()["type"].endswith("/unsupported-authentication")


def test_an_oauth2_token_speaks_for_its_user(connect: Callable[..., tweepy.Client], world: World) -> None:
    world.add_app("maria", **keys(access_token="maria-token"), oauth2_token="maria-oauth2")
    assert connect(bearer_token="maria-oauth2").get_me(user_auth=False)["data"]["username"] == "maria"


def test_every_answer_says_what_is_left(desk: tweepy.Client, clock: Any) -> None:
    for remaining in (74, 73):
        desk.get_me()
        headers = desk.session.headers_of_last
        assert headers["x-rate-limit-limit"] == "75"
        assert headers["x-rate-limit-remaining"] == str(remaining)
        assert int(headers["x-rate-limit-reset"]) - clock().timestamp() == 901
    with pytest.raises(tweepy.BadRequest):
        desk.request("GET", "/2/users/me", params={"colour": "blue"}, user_auth=True)
    assert desk.session.headers_of_last["x-rate-limit-remaining"] == "72"


def test_direct_messages_are_read_fifteen_times_a_quarter_of_an_hour(desk: tweepy.Client, clock: Any) -> None:
    for _ in range(15):
        desk.get_direct_message_events()
    with pytest.raises(tweepy.TooManyRequests) as refused:
        desk.get_direct_message_events()
    assert refused.value.response.json()["status"] == 429
    assert refused.value.response.headers["x-rate-limit-remaining"] == "0"
    assert refused.value.reset_time == int(clock().timestamp()) + 901
    desk.get_me()
    clock.advance(minutes=16)
    assert desk.get_direct_message_events()


def test_one_account_does_not_use_up_the_limit_of_another(
    desk: tweepy.Client, connect: Callable[..., tweepy.Client], world: World, control: Any
) -> None:
    world.add_app("maria", **keys(access_token="maria-token"))
    control.send("POST", "/limits", endpoint="GET /2/users/me", limit=1)
    desk.get_me()
    assert connect(**keys(access_token="maria-token")).get_me()["data"]["username"] == "maria"
    with pytest.raises(tweepy.TooManyRequests):
        desk.get_me()


def test_writes_have_a_limit_for_the_day_as_well(desk: tweepy.Client, control: Any) -> None:
    control.send("POST", "/limits", endpoint="POST /2/*", limit=100, daily_limit=2)
    for n in range(2):
        desk.create_tweet(text=f"News {n}")
    assert desk.session.headers_of_last["x-user-limit-24hour-remaining"] == "0"
    with pytest.raises(tweepy.TooManyRequests) as refused:
        desk.create_tweet(text="News")
    assert re.fullmatch(r"\d+", refused.value.response.headers["x-user-limit-24hour-reset"])


def test_an_endpoint_x_does_not_have_is_not_found(desk: tweepy.Client) -> None:
    with pytest.raises(tweepy.NotFound):
        desk.request("GET", "/2/nothing/here", user_auth=True)
