"""Accounts that are protected or suspended, as those see it who look from outside."""

from __future__ import annotations

from typing import Any

import pytest
import tweepy

from socialdesk.sandbox import World

HIDDEN = ("Authorization Error", "https://api.twitter.com/2/problems/not-authorized-for-resource")


@pytest.mark.parametrize("change", ["protected", "suspended"])
def test_posts_of_an_account_that_hides_or_is_hidden_are_not_to_be_seen(
    world: World, desk: tweepy.Client, control: Any, change: str
) -> None:
    asked = world.post("maria", "@ParcelHelp ¿dónde está mi paquete?")
    assert control.send("PUT", "/users/maria", **{change: True})[change]

    answer = desk.get_tweets([asked.id], user_auth=True)
    assert "data" not in answer
    assert [(each["title"], each["type"]) for each in answer["errors"]] == [HIDDEN]
    assert "data" not in desk.get_users_mentions(world.user("ParcelHelp").id, user_auth=True)
    with pytest.raises(tweepy.Forbidden, match="deleted or not visible"):
        desk.create_tweet(text="Lo miramos", in_reply_to_tweet_id=asked.id)

    control.send("PUT", "/users/maria", **{change: False})
    assert desk.get_tweets([asked.id], user_auth=True)["data"][0]["id"] == asked.id


def test_of_a_protected_account_x_shows_the_account_of_a_suspended_one_it_does_not(
    world: World, desk: tweepy.Client, control: Any
) -> None:
    control.send("PUT", "/users/maria", protected=True)
    control.send("PUT", "/users/kenji", suspended=True)

    ids = [world.user("maria").id, world.user("kenji").id]
    answer = desk.get_users(ids=ids, user_auth=True)
    assert [each["username"] for each in answer["data"]] == ["maria"]
    assert [each["detail"] for each in answer["errors"]] == [f"User has been suspended: [{ids[1]}]."]
    assert "suspended" in desk.get_user(username="kenji", user_auth=True)["errors"][0]["detail"]
