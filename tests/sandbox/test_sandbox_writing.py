"""Publishing, answering and deleting, and every reason X has to say no."""

from __future__ import annotations

import pytest
import tweepy

from socialdesk.sandbox import World
from socialdesk.sandbox.weights import weighted_length


def refusal(error: pytest.ExceptionInfo[tweepy.HTTPException]) -> str:
    body = error.value.response.json()
    assert body["status"] == error.value.response.status_code
    return str(body["detail"])


def test_an_answer_is_published_in_its_thread(desk: tweepy.Client, world: World) -> None:
    asked = world.post("maria", "@ParcelHelp hola")
    data = desk.create_tweet(text="¡Hola! ¿Su pedido?", in_reply_to_tweet_id=asked.id)["data"]
    post = world.posts()[-1]
    assert data["id"] == post.id
    assert data["text"] == "@maria ¡Hola! ¿Su pedido?"
    assert (post.in_reply_to, post.conversation_id) == (asked.id, asked.id)


def test_somebody_in_the_thread_can_be_left_out(desk: tweepy.Client, world: World) -> None:
    asked = world.post("maria", "@ParcelHelp @kenji hola")
    kenji = world.user("kenji").id
    desk.create_tweet(text="Hola", in_reply_to_tweet_id=asked.id, exclude_reply_user_ids=[kenji])
    assert world.posts()[-1].text == "@maria Hola"


def test_a_reply_to_somebody_who_did_not_call_is_refused(desk: tweepy.Client, world: World) -> None:
    post = world.post("maria", "my parcel is late")
    with pytest.raises(tweepy.Forbidden) as refused:
        desk.create_tweet(text="Hi", in_reply_to_tweet_id=post.id)
    assert "have not been mentioned or otherwise engaged" in refusal(refused)


def test_whoever_quotes_us_has_called(desk: tweepy.Client, world: World) -> None:
    ours = world.post("ParcelHelp", "We deliver")
    post = world.post("maria", "Really?", quote=ours.id)
    assert desk.create_tweet(text="Yes", in_reply_to_tweet_id=post.id)["data"]["id"]


def test_our_own_posts_can_be_continued(desk: tweepy.Client, world: World) -> None:
    ours = world.post("ParcelHelp", "1/2")
    assert desk.create_tweet(text="2/2", in_reply_to_tweet_id=ours.id)["data"]["text"] == "2/2"


def test_whether_a_carried_mention_calls_is_a_rule_that_can_be_set(desk: tweepy.Client, world: World) -> None:
    first = world.post("ParcelHelp", "News")
    follow_up = world.post("maria", "still nothing", in_reply_to=first.id)
    world.rules.implicit_mentions_summon = False
    with pytest.raises(tweepy.Forbidden):
        desk.create_tweet(text="Sorry", in_reply_to_tweet_id=follow_up.id)
    world.rules.implicit_mentions_summon = True
    assert desk.create_tweet(text="Sorry", in_reply_to_tweet_id=follow_up.id)["data"]["id"]


def test_the_same_words_to_the_same_post_are_refused(desk: tweepy.Client, world: World) -> None:
    one, other = world.post("maria", "@ParcelHelp hola"), world.post("kenji", "@ParcelHelp こんにちは")
    desk.create_tweet(text="Hello", in_reply_to_tweet_id=one.id)
    desk.create_tweet(text="Hello", in_reply_to_tweet_id=other.id)
    with pytest.raises(tweepy.Forbidden) as refused:
        desk.create_tweet(text="Hello ", in_reply_to_tweet_id=one.id)
    assert refusal(refused) == "You are not allowed to create a Tweet with duplicate content."
    assert len(world.posts()) == 4


@pytest.mark.parametrize("target", ["deleted", "never was"])
def test_a_reply_to_a_post_that_is_gone_is_refused(desk: tweepy.Client, world: World, target: str) -> None:
    post = world.post("maria", "@ParcelHelp hola")
    if target == "deleted":
        world.delete_post(post.id)
    with pytest.raises(tweepy.Forbidden) as refused:
        desk.create_tweet(text="Hi", in_reply_to_tweet_id=post.id if target == "deleted" else "17")
    assert "deleted or not visible" in refusal(refused)


def test_a_quote_is_refused_to_the_self_serve_tier(desk: tweepy.Client, world: World) -> None:
    post = world.post("maria", "@ParcelHelp hola")
    with pytest.raises(tweepy.Forbidden):
        desk.create_tweet(text="Look", quote_tweet_id=post.id)


def test_280_characters_fit_and_281_do_not(desk: tweepy.Client) -> None:
    assert desk.create_tweet(text="a" * 280)["data"]["id"]
    for text in ("b" * 281, "あ" * 141):
        with pytest.raises(tweepy.Forbidden) as refused:
            desk.create_tweet(text=text)
        assert "too long" in refusal(refused)


@pytest.mark.parametrize(
    "body", [{}, {"text": " "}, {"text": 5}, {"text": "a\ufeff"}, {"text": "a", "mood": "b"}]
)
def test_a_body_that_x_does_not_understand_is_refused(desk: tweepy.Client, body: dict[str, object]) -> None:
    with pytest.raises(tweepy.BadRequest):
        desk.request("POST", "/2/tweets", json=body, user_auth=True)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("abc", 3),
        ("Grüße ¿qué? żółć", 16),
        ("مرحبا", 5),
        ("こんにちは", 10),
        ("…", 2),
        ("€5", 3),
        ("“quoted” – text", 15),
        ("cafe\u0301", 4),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🏳️‍🌈", 2),
        ("🇩🇪🇯🇵", 4),
        ("1️⃣", 2),
        ("❤️", 2),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("https://example.com/" + "x" * 100, 23),
        ("see example.com.", 28),
        ("example.com/a and https://example.org", 23 + 5 + 23),
        ("mail me@example.com", 19),
        ("e.g. this", 9),
        ("見てhttps://example.com", 4 + 23),
    ],
)
def test_a_text_weighs_what_x_says(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


def test_a_hostile_text_is_weighed_quickly(desk: tweepy.Client) -> None:
    with pytest.raises(tweepy.Forbidden):
        desk.create_tweet(text="a." * 12_000)


def test_only_ones_own_posts_can_be_deleted(desk: tweepy.Client, world: World) -> None:
    theirs, ours = world.post("maria", "hola"), world.post("ParcelHelp", "Hello")
    with pytest.raises(tweepy.Forbidden):
        desk.delete_tweet(theirs.id)
    assert desk.delete_tweet(ours.id) == {"data": {"deleted": True}}
    assert world.posts() == [theirs]
    with pytest.raises(tweepy.NotFound):
        desk.delete_tweet(ours.id)
