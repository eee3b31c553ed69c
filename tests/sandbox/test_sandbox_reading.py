"""Reading mentions, timelines, threads, posts and users through the real client."""

from __future__ import annotations

from typing import Any

import pytest
import tweepy

from socialdesk.sandbox import World

OLD_FIELDS = (
    "author_id,conversation_id,created_at,in_reply_to_user_id,"
    "referenced_tweets,lang,entities,display_text_range"
)


def mentions(client: tweepy.Client, world: World, **params: Any) -> Any:
    return client.get_users_mentions(world.user("ParcelHelp").id, user_auth=True, **params)


def ask(client: tweepy.Client, path: str, **params: Any) -> Any:
    names = {name.replace("__", "."): value for name, value in params.items()}
    return client.request("GET", path, params=names, user_auth=True).json()


def test_the_account_of_the_keys_answers_to_me(desk: tweepy.Client, world: World) -> None:
    me = desk.get_me(user_fields="verified")["data"]
    assert me == {
        "id": world.user("ParcelHelp").id,
        "name": "Parcel Help",
        "username": "ParcelHelp",
        "verified": True,
    }


def test_users_are_found_by_id_by_ids_and_by_username(desk: tweepy.Client, world: World) -> None:
    maria = world.user("maria")
    assert desk.get_user(id=maria.id, user_auth=True)["data"]["username"] == "maria"
    assert desk.get_user(username="MARIA", user_auth=True)["data"]["id"] == maria.id
    several = desk.get_users(ids=[maria.id, "999"], user_auth=True)
    assert [user["username"] for user in several["data"]] == ["maria"]
    assert several["errors"][0]["resource_id"] == "999"
    assert several["errors"][0]["type"].endswith("/resource-not-found")


def test_a_mention_shows_only_the_fields_asked_for(desk: tweepy.Client, world: World) -> None:
    post = world.post("maria", "@ParcelHelp ¿dónde está mi paquete?", lang="es")
    bare = mentions(desk, world)["data"]
    assert bare == [{"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]}]
    full = mentions(desk, world, tweet_fields=OLD_FIELDS)
    assert full["data"][0]["lang"] == "es"
    assert full["data"][0]["author_id"] == world.user("maria").id
    assert full["data"][0]["conversation_id"] == post.id
    assert full["data"][0]["created_at"] == "2026-09-01T12:00:00.000Z"
    assert "referenced_tweets" not in full["data"][0]
    assert "includes" not in full


def test_an_author_is_included_only_when_expanded(desk: tweepy.Client, world: World) -> None:
    world.post("maria", "@ParcelHelp hola")
    answer = mentions(desk, world, expansions="author_id")
    assert answer["data"][0]["author_id"] == answer["includes"]["users"][0]["id"] == world.user("maria").id


def test_an_empty_page_has_no_data(desk: tweepy.Client, world: World) -> None:
    assert mentions(desk, world) == {"meta": {"result_count": 0}}


def test_the_meta_names_the_newest_and_the_oldest_id(desk: tweepy.Client, world: World) -> None:
    first, _, third = (world.post("maria", f"@ParcelHelp {n}") for n in range(3))
    meta = mentions(desk, world)["meta"]
    assert meta == {"result_count": 3, "newest_id": third.id, "oldest_id": first.id}


def test_pages_lead_to_the_end(desk: tweepy.Client, world: World) -> None:
    posts = [world.post("maria", f"@ParcelHelp {n}") for n in range(23)]
    pages = tweepy.Paginator(
        desk.get_users_mentions, world.user("ParcelHelp").id, max_results=10, user_auth=True
    )
    found: list[str] = []
    sizes = []
    for page in pages:
        sizes.append(page["meta"]["result_count"])
        found += [item["id"] for item in page["data"]]
    assert sizes == [10, 10, 3]
    assert found == [post.id for post in reversed(posts)]


def test_since_until_and_the_times_bound_a_page(desk: tweepy.Client, world: World, clock: Any) -> None:
    posts = []
    for n in range(4):
        posts.append(world.post("maria", f"@ParcelHelp {n}"))
        clock.advance(minutes=1)

    def ids(**params: Any) -> list[str]:
        return [item["id"] for item in mentions(desk, world, **params).get("data", [])][::-1]

    assert ids(since_id=posts[1].id) == [posts[2].id, posts[3].id]
    assert ids(until_id=posts[1].id) == [posts[0].id]
    assert ids(start_time="2026-09-01T12:01:00Z", end_time="2026-09-01T12:03:00Z") == [
        posts[1].id,
        posts[2].id,
    ]


@pytest.mark.parametrize(
    "params",
    [
        {"max_results": 4},
        {"max_results": 101},
        {"since_id": "new"},
        {"pagination_token": "nonsense"},
        {"since_id": 9, "until_id": 8},
    ],
)
def test_bounds_that_x_would_refuse_are_refused(
    desk: tweepy.Client, world: World, params: dict[str, Any]
) -> None:
    with pytest.raises(tweepy.BadRequest) as refused:
        mentions(desk, world, **params)
    assert refused.value.response.json()["type"].endswith("/invalid-request")


def test_a_field_x_does_not_know_is_refused(desk: tweepy.Client, world: World) -> None:
    with pytest.raises(tweepy.BadRequest):
        mentions(desk, world, tweet_fields="mood")
    with pytest.raises(tweepy.BadRequest):
        ask(desk, "/2/users/me", colour="blue")


def test_no_more_than_the_latest_800_mentions_can_be_read(desk: tweepy.Client, world: World) -> None:
    for n in range(820):
        world.post("maria", f"@ParcelHelp {n}")
    pages = tweepy.Paginator(
        desk.get_users_mentions, world.user("ParcelHelp").id, max_results=100, user_auth=True
    )
    assert sum(page["meta"]["result_count"] for page in pages) == 800


def test_text_is_escaped_and_addresses_are_shortened(desk: tweepy.Client, world: World) -> None:
    world.post("maria", "@ParcelHelp <3 & https://example.com/a?b=1&c=2 #late")
    item = mentions(desk, world, tweet_fields="entities")["data"][0]
    url = item["entities"]["urls"][0]
    assert item["text"].startswith("@ParcelHelp &lt;3 &amp; https://t.co/")
    assert item["text"][url["start"] : url["end"]] == url["url"]
    assert url["expanded_url"] == "https://example.com/a?b=1&c=2"
    tag = item["entities"]["hashtags"][0]
    assert item["text"][tag["start"] : tag["end"]] == "#late"


def test_an_answer_carries_the_handles_of_its_thread(desk: tweepy.Client, world: World) -> None:
    first = world.post("maria", "@ParcelHelp hola")
    answer = world.post("ParcelHelp", "¡Hola!", in_reply_to=first.id)
    assert answer.text == "@maria ¡Hola!"
    world.post("maria", "sigue sin llegar", in_reply_to=answer.id)
    item = mentions(desk, world, tweet_fields=OLD_FIELDS)["data"][0]
    assert item["text"] == "@ParcelHelp sigue sin llegar"
    assert item["display_text_range"] == [12, 28]
    assert item["entities"]["mentions"][0]["start"] == 0
    assert item["conversation_id"] == first.id
    assert item["referenced_tweets"] == [{"type": "replied_to", "id": answer.id}]
    assert item["in_reply_to_user_id"] == world.user("ParcelHelp").id


def test_a_handle_the_author_typed_is_not_carried_over_again(world: World) -> None:
    first = world.post("ParcelHelp", "Novedades")
    typed = world.post("maria", "@ParcelHelp ¿y mi paquete?", in_reply_to=first.id)
    assert (typed.text, typed.wording.display_start) == ("@ParcelHelp ¿y mi paquete?", 0)
    assert typed.wording.explicitly_mentions(world.user("ParcelHelp").id)


def test_answering_oneself_carries_nothing_over(world: World) -> None:
    first = world.post("maria", "uno")
    assert world.post("maria", "dos", in_reply_to=first.id).text == "dos"


def test_a_long_post_has_its_full_text_in_a_note(desk: tweepy.Client, world: World) -> None:
    world.post("maria", "@ParcelHelp " + "palabra " * 60)
    item = mentions(desk, world, tweet_fields="note_tweet")["data"][0]
    assert len(item["text"]) == 280
    assert item["note_tweet"]["text"].startswith(item["text"][:-1])


def test_the_newer_vocabulary_is_spoken_to_those_who_use_it(desk: tweepy.Client, world: World) -> None:
    first = world.post("ParcelHelp", "Novedades")
    post = world.post("maria", "@ParcelHelp hola", in_reply_to=first.id)
    path = f"/2/users/{world.user('ParcelHelp').id}/mentions"
    answer = ask(desk, path, post__fields="conversation_id,lang", expansions="author_id,referenced_posts")
    item = answer["data"][0]
    assert item["edit_history_post_ids"] == [post.id]
    assert item["referenced_posts"] == [{"type": "replied_to", "id": first.id}]
    assert item["author_id"] == world.user("maria").id
    assert [included["id"] for included in answer["includes"]["posts"]] == [first.id]
    missing = ask(desk, "/2/tweets", ids="1", post__fields="lang")["errors"][0]
    assert missing["type"].startswith("https://api.x.com/")


@pytest.mark.parametrize(
    "params",
    [
        {"post__fields": "note_tweet"},
        {"tweet__fields": "note_post"},
        {"post__fields": "lang", "tweet__fields": "lang"},
    ],
)
def test_the_vocabularies_cannot_be_mixed(desk: tweepy.Client, params: dict[str, str]) -> None:
    with pytest.raises(tweepy.BadRequest):
        ask(desk, "/2/tweets", ids="1", **params)


def test_posts_are_looked_up_and_deleted_ones_are_reported(desk: tweepy.Client, world: World) -> None:
    post, gone = world.post("maria", "uno"), world.post("maria", "dos")
    world.delete_post(gone.id)
    answer = desk.get_tweets([post.id, gone.id], user_auth=True)
    assert [item["id"] for item in answer["data"]] == [post.id]
    assert [error["resource_id"] for error in answer["errors"]] == [gone.id]
    assert desk.get_tweet(post.id, user_auth=True)["data"]["text"] == "uno"
    assert "data" not in desk.get_tweet(gone.id, user_auth=True)


def test_a_protected_author_is_not_shown(desk: tweepy.Client, world: World) -> None:
    world.add_user("shy", protected=True)
    post = world.post("shy", "@ParcelHelp psst")
    assert mentions(desk, world)["meta"]["result_count"] == 0
    assert desk.get_tweet(post.id, user_auth=True)["errors"][0]["type"].endswith(
        "/not-authorized-for-resource"
    )


def test_ones_own_timeline_is_read_with_or_without_replies(desk: tweepy.Client, world: World) -> None:
    first = world.post("maria", "@ParcelHelp hola")
    news, answer = world.post("ParcelHelp", "News"), world.post("ParcelHelp", "Hi", in_reply_to=first.id)
    me = world.user("ParcelHelp").id
    assert [i["id"] for i in desk.get_users_tweets(me, user_auth=True)["data"]] == [answer.id, news.id]
    assert [i["id"] for i in desk.get_users_tweets(me, exclude="replies", user_auth=True)["data"]] == [
        news.id
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("conversation_id:{first}", ["answer", "first"]),
        ("conversation_id:{first} from:maria", ["first"]),
        ("to:maria", ["answer"]),
        ("@ParcelHelp", ["first"]),
        ("hola -is:retweet", ["first"]),
        ("from:nobody", []),
    ],
)
def test_search_finds_what_meets_every_term(
    desk: tweepy.Client, world: World, query: str, expected: list[str]
) -> None:
    first = world.post("maria", "@ParcelHelp hola")
    ids = {"first": first.id, "answer": world.post("ParcelHelp", "Hi", in_reply_to=first.id).id}
    world.post("kenji", "something else")
    answer = desk.search_recent_tweets(query.format(**ids), user_auth=True)
    assert [item["id"] for item in answer.get("data", [])] == [ids[name] for name in expected]


def test_search_reaches_back_seven_days(desk: tweepy.Client, world: World, clock: Any) -> None:
    world.post("maria", "@ParcelHelp hola")
    clock.advance(days=8)
    assert desk.search_recent_tweets("from:maria", user_auth=True)["meta"]["result_count"] == 0


def test_an_edit_comes_back_under_a_new_id_with_its_history(desk: tweepy.Client, world: World) -> None:
    old = world.post("maria", "@ParcelHelp hloa")
    new = world.edit_post(old.id, "@ParcelHelp hola")
    items = mentions(desk, world)["data"]
    assert [item["id"] for item in items] == [new.id]
    assert items[0]["edit_history_tweet_ids"] == [old.id, new.id]
    assert desk.get_tweet(old.id, user_auth=True)["data"]["text"] == "@ParcelHelp hloa"
    world.delete_post(old.id)
    assert world.find_post(new.id) is None


def test_a_mention_can_be_listed_late_after_a_newer_one(
    desk: tweepy.Client, world: World, clock: Any, control: Any
) -> None:
    control.send("POST", "/index_lag", seconds=60)
    late = world.post("maria", "@ParcelHelp tarde")
    control.send("POST", "/index_lag", seconds=0)
    newer = world.post("maria", "@ParcelHelp pronto")
    assert [item["id"] for item in mentions(desk, world)["data"]] == [newer.id]
    assert desk.get_tweet(late.id, user_auth=True)["data"]["id"] == late.id
    clock.advance(seconds=61)
    assert [item["id"] for item in mentions(desk, world)["data"]] == [newer.id, late.id]


def test_the_oldest_posts_go_when_the_world_is_full() -> None:
    world = World(max_posts=3)
    world.add_user("desk")
    world.add_user("maria")
    posts = [world.post("maria", f"@desk {n}") for n in range(5)]
    assert [post.id for post in world.posts()] == [post.id for post in posts[2:]]
    assert [post.id for post in world.mentioning(world.user("desk").id)] == [post.id for post in posts[:1:-1]]
