"""The control door, the ledger, and the pages to look at."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
import tweepy

from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer


def test_a_whole_conversation_can_be_played_over_http(control: Any, connect: Any) -> None:
    keys = {name: name for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")}
    control.send("POST", "/users", handle="NewDesk", name="New Desk")
    control.send("POST", "/apps", handle="NewDesk", **keys)
    asked = control.send("POST", "/posts", author="maria", text="@NewDesk hola", lang="es")
    sent = connect(**keys).create_tweet(text="¡Hola!", in_reply_to_tweet_id=asked["id"])["data"]
    control.send("PUT", f"/posts/{asked['id']}", text="@NewDesk ¿hola?")
    posts = control.get("/posts")["posts"]
    assert [(post["author"], post["text"]) for post in posts] == [
        ("NewDesk", "@maria ¡Hola!"),
        ("maria", "@NewDesk ¿hola?"),
    ]
    assert posts[0]["in_reply_to"] == asked["id"]
    assert control.send("DELETE", f"/posts/{sent['id']}") == {"deleted": True}
    control.send("POST", "/direct_messages", sender="kenji", recipient="NewDesk", text="荷物")
    assert control.get("/direct_messages")["direct_messages"][0]["recipient"] == "NewDesk"


def test_requests_are_remembered_with_their_status(desk: tweepy.Client, control: Any) -> None:
    desk.get_me()
    control.fault("POST /2/tweets", "accept_then_drop")
    with pytest.raises(requests.ConnectionError):
        desk.create_tweet(text="Hello")
    records = control.get("/requests")["requests"]
    assert [(r["method"], r["path"], r["status"], r["fault"]) for r in records] == [
        ("GET", "/2/users/me", 200, None),
        ("POST", "/2/tweets", 0, "accept_then_drop"),
    ]
    assert records[0]["time"] == "2026-09-01T12:00:00.000Z"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/posts", {"author": "nobody", "text": "x"}),
        ("/posts", {"text": "x"}),
        ("/faults", {"endpoint": "*", "kind": "flood"}),
        ("/faults", {"endpoint": "*", "kind": "drop", "mood": 1}),
        ("/limits", {"endpoint": "GET /3", "limit": 1}),
        ("/raw", {"endpoint": "posts", "item": 1}),
    ],
)
def test_the_control_door_says_what_it_did_not_understand(control: Any, path: str, body: Any) -> None:
    answer = control.session.post(control.url + path, json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_ones_own_mentions_cost_a_tenth_of_a_cent_once_a_day(
    desk: tweepy.Client, world: World, clock: Any, control: Any
) -> None:
    world.post("maria", "@ParcelHelp hola")
    me = world.user("ParcelHelp").id

    def spent() -> float:
        return float(control.get("/ledger")["accounts"]["ParcelHelp"]["usd"])

    for _ in range(3):
        desk.get_users_mentions(me, user_auth=True)
    assert spent() == 0.001
    desk.get_users_mentions(me, expansions="author_id", user_auth=True)
    assert spent() == 0.011
    clock.advance(days=1)
    desk.get_users_mentions(me, user_auth=True)
    assert spent() == 0.012


def test_what_is_written_costs_what_the_price_list_says(
    desk: tweepy.Client, world: World, control: Any
) -> None:
    asked = world.post("maria", "@ParcelHelp hola")
    desk.create_tweet(text="Hola", in_reply_to_tweet_id=asked.id)
    desk.create_tweet(text="News")
    desk.create_tweet(text="See example.com")
    desk.create_direct_message(participant_id=world.user("kenji").id, text="Hello example.com")
    items = control.get("/ledger")["accounts"]["ParcelHelp"]["days"]["2026-09-01"]["items"]
    assert {name: item["usd"] for name, item in items.items()} == {
        "summoned reply created": 0.010,
        "post created": 0.015,
        "post with a URL created": 0.200,
        "direct message created": 0.015,
    }


def test_a_foreign_timeline_and_an_app_of_somebody_else_cost_more(
    connect: Any, world: World, control: Any
) -> None:
    world.post("ParcelHelp", "News")
    keys = {
        name: f"other-{name}"
        for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    }
    world.add_app("ParcelHelp", **keys, owner_handle="kenji")
    connect(**keys).get_users_tweets(world.user("ParcelHelp").id, user_auth=True)
    assert control.get("/ledger")["accounts"]["ParcelHelp"]["usd"] == 0.005


def test_subscribers_hear_of_what_is_stored_and_may_answer(desk: tweepy.Client, world: World) -> None:
    def answer(stored: Any) -> None:
        if getattr(stored, "author_id", None) == world.user("ParcelHelp").id:
            world.post("maria", "gracias", in_reply_to=stored.id)

    world.subscribe(answer)
    asked = world.post("maria", "@ParcelHelp hola")
    desk.create_tweet(text="Hola", in_reply_to_tweet_id=asked.id)
    assert [post.text for post in world.posts()] == ["@ParcelHelp hola", "@maria Hola", "@ParcelHelp gracias"]


def test_many_threads_can_post_at_once() -> None:
    world = World(max_posts=500)
    world.add_user("desk")
    world.add_user("maria")
    writers = [
        threading.Thread(target=lambda: [world.post("maria", f"@desk {n}") for n in range(200)])
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert len(list(world.mentioning(world.user("desk").id))) <= 500
    ids = [int(post.id) for post in world.posts()]
    assert len(ids) == len(set(ids)) == 500
    assert ids == sorted(ids)


def test_the_timeline_a_thread_and_the_messages_can_be_looked_at(server: SandboxServer, world: World) -> None:
    asked = world.post("maria", "@ParcelHelp ¿y <b>mi</b> paquete?", lang="es")
    world.post("ParcelHelp", "مرحبا، نحن نتحقق", in_reply_to=asked.id, lang="ar")
    world.direct_message("kenji", "ParcelHelp", "荷物")
    timeline = requests.get(f"{server.url}/sandbox/web/", timeout=5).text
    assert f"/sandbox/web/maria/status/{asked.id}" in timeline
    assert "&lt;b&gt;mi&lt;/b&gt;" in timeline
    assert "<bdi>@ParcelHelp</bdi> ¿y" in timeline
    thread = requests.get(f"{server.url}/sandbox/web/maria/status/{asked.id}", timeout=5).text
    assert thread.index("paquete") < thread.index("مرحبا")
    assert "depth-1" in thread and 'dir="auto" lang="ar"' in thread and "<script" not in thread
    assert "荷物" in requests.get(f"{server.url}/sandbox/web/messages/kenji", timeout=5).text
    style = requests.get(f"{server.url}/sandbox/web/style.css", timeout=5)
    assert style.headers["content-type"].startswith("text/css")
    assert requests.get(f"{server.url}/sandbox/web/maria/status/1", timeout=5).status_code == 404


def test_a_thread_deeper_than_any_stack_can_still_be_looked_at(server: SandboxServer, world: World) -> None:
    post = first = world.post("maria", "@ParcelHelp 0")
    for n in range(1_200):
        post = world.post("maria", str(n), in_reply_to=post.id)
    assert requests.get(f"{server.url}/sandbox/web/maria/status/{first.id}", timeout=30).status_code == 200
