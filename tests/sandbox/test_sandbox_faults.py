"""Every way in which X can fail, over real sockets."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests
import tweepy

from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer

PUBLISH = "POST /2/tweets"
ME = "GET /2/users/me"
CUT_OFF = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.mark.parametrize(
    ("status", "error"),
    [(402, tweepy.HTTPException), (429, tweepy.TooManyRequests), (500, tweepy.TwitterServerError)],
)
def test_a_status_is_answered_once(desk: tweepy.Client, control: Any, status: int, error: Any) -> None:
    control.fault(ME, "status", status=status)
    with pytest.raises(error) as failed:
        desk.get_me()
    assert failed.value.response.status_code == failed.value.response.json()["status"] == status
    assert desk.get_me()["data"]


@pytest.mark.parametrize("reset", ["1", "99999999999", "1e400"])
def test_a_refusal_can_name_any_time_to_come_back(desk: tweepy.Client, control: Any, reset: str) -> None:
    control.fault(ME, "status", status=429, reset=reset)
    with pytest.raises((tweepy.TooManyRequests, ValueError)):
        desk.get_me()
    assert desk.session.headers_of_last["x-rate-limit-reset"] == reset


def test_an_error_page_is_html(desk: tweepy.Client, control: Any) -> None:
    control.fault(ME, "html")
    with pytest.raises(tweepy.TwitterServerError) as failed:
        desk.get_me()
    assert failed.value.response.headers["content-type"].startswith("text/html")


def test_headers_can_be_missing_from_an_answer_and_from_a_refusal(desk: tweepy.Client, control: Any) -> None:
    control.fault(ME, "no_headers")
    assert desk.get_me()["data"]
    assert "x-rate-limit-remaining" not in desk.session.headers_of_last
    control.fault(ME, "no_headers", status=429)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        desk.get_me()
    assert refused.value.reset_time is None


def test_a_redirect_leads_elsewhere(desk: tweepy.Client, control: Any, world: World) -> None:
    control.fault(PUBLISH, "redirect", location="/elsewhere")
    with pytest.raises(tweepy.HTTPException) as failed:
        desk.create_tweet(text="Hello")
    assert failed.value.response.headers["location"] == "/elsewhere"
    assert world.posts() == []


def test_a_dropped_request_was_never_carried_out(desk: tweepy.Client, control: Any, world: World) -> None:
    control.fault(PUBLISH, "drop")
    with pytest.raises(requests.ConnectionError):
        desk.create_tweet(text="Hello")
    assert world.posts() == []


def test_a_post_can_be_accepted_and_the_answer_lost(desk: tweepy.Client, control: Any, world: World) -> None:
    control.fault(PUBLISH, "accept_then_drop")
    with pytest.raises(requests.ConnectionError):
        desk.create_tweet(text="Hello")
    assert [post.text for post in world.posts()] == ["Hello"]


def test_an_answer_can_break_off(desk: tweepy.Client, control: Any, world: World) -> None:
    control.fault(PUBLISH, "truncate")
    with pytest.raises(CUT_OFF):
        desk.create_tweet(text="Hello")
    assert [post.text for post in world.posts()] == ["Hello"]


def test_an_answer_can_be_empty(desk: tweepy.Client, control: Any, world: World) -> None:
    control.fault(PUBLISH, "empty")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        desk.create_tweet(text="Hello")
    assert [post.text for post in world.posts()] == ["Hello"]


def test_a_slow_answer_is_a_right_answer(desk: tweepy.Client, control: Any) -> None:
    control.fault(ME, "slow", seconds=0.2)
    began = time.monotonic()
    assert desk.get_me()["data"]
    assert time.monotonic() - began >= 0.2


def test_a_hanging_request_runs_into_the_callers_patience(server: SandboxServer, control: Any) -> None:
    control.fault(ME, "hang", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{server.url}/2/users/me", timeout=0.2)


def test_a_hanging_request_is_cut_in_the_end(server: SandboxServer, control: Any) -> None:
    control.fault(ME, "hang", seconds=0.2)
    with pytest.raises(requests.ConnectionError, match="without response"):
        requests.get(f"{server.url}/2/users/me", timeout=5)


def test_the_server_stops_although_a_request_hangs(world: World) -> None:
    server = SandboxServer(world)
    server.start()
    requests.post(
        f"{server.url}/sandbox/faults", json={"endpoint": ME, "kind": "hang", "seconds": 600}, timeout=5
    )
    failures: list[Exception] = []

    def ask() -> None:
        try:
            requests.get(f"{server.url}/2/users/me", timeout=30)
        except requests.ConnectionError as failed:
            failures.append(failed)

    caller = threading.Thread(target=ask)
    caller.start()
    deadline = time.monotonic() + 20
    while world.faults.as_json() and time.monotonic() < deadline:
        time.sleep(0.01)
    server.stop()
    caller.join(20)
    assert not caller.is_alive()


def test_faults_strike_by_pattern_and_as_often_as_told(
    desk: tweepy.Client, control: Any, world: World
) -> None:
    control.fault("GET /2/users/*", "status", status=503, times=2)
    for _ in range(2):
        with pytest.raises(tweepy.TwitterServerError):
            desk.get_user(username="maria", user_auth=True)
    assert desk.get_user(username="maria", user_auth=True)["data"]
    control.fault("*", "status", status=503, times=None)
    assert control.get("/faults")["faults"][0]["times"] is None
    for _ in range(3):
        with pytest.raises(tweepy.TwitterServerError):
            desk.get_me()
    control.send("DELETE", "/faults")
    assert desk.get_me()["data"]


def test_a_fault_without_a_chance_never_strikes(desk: tweepy.Client, control: Any) -> None:
    control.fault(ME, "drop", probability=0)
    assert all(desk.get_me()["data"] for _ in range(5))


def test_poison_is_served_at_the_head_of_a_page(desk: tweepy.Client, control: Any, world: World) -> None:
    post = world.post("maria", "@ParcelHelp hola")
    control.send("POST", "/raw", endpoint="mentions", item={"id": None, "text": 7})
    control.send("POST", "/raw", endpoint="dm_events", item="not even an object")
    me = world.user("ParcelHelp").id
    answer = desk.get_users_mentions(me, user_auth=True)
    assert answer["data"][0] == {"id": None, "text": 7}
    assert (answer["data"][1]["id"], answer["meta"]["result_count"]) == (post.id, 2)
    assert desk.get_users_mentions(me, user_auth=True)["meta"]["result_count"] == 1
    assert desk.get_direct_message_events()["data"] == ["not even an object"]
