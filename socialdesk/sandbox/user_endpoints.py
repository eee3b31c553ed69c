"""Looking up accounts, and their timelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from socialdesk.sandbox import problems
from socialdesk.sandbox.answers import answer, show_posts, show_users
from socialdesk.sandbox.asking import FIELD_PARAMETERS, POST_FIELD_PARAMETERS
from socialdesk.sandbox.calls import Body, Call, Endpoint
from socialdesk.sandbox.ledger import Price
from socialdesk.sandbox.pages import POST_PAGE_PARAMETERS, is_first_page, page_of_posts
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.problems import Problem
from socialdesk.sandbox.users import User

MENTIONS_HORIZON = 800
TIMELINE_HORIZON = 3_200


def me(call: Call) -> Body:
    return answer(show_users(call, [call.me])[0], {}, [], call)


def by_id(call: Call) -> Body:
    user_id = call.id_in_path("id")
    return _one(call, call.world.user_by_id(user_id), "id", user_id)


def by_username(call: Call) -> Body:
    handle = call.path["username"]
    return _one(call, call.world.user_named(handle), "username", handle)


def by_ids(call: Call) -> Body:
    found = {user_id: call.world.user_by_id(user_id) for user_id in call.asked.ids("ids")}
    missing = [_missing(user, "ids", each) for each, user in found.items() if user is None or user.suspended]
    there = [user for user in found.values() if user and not user.suspended]
    return answer(show_users(call, there), {}, missing, call)


def mentions(call: Call) -> Body:
    user_id = call.id_in_path("id")
    raw = call.world.take_raw_items("mentions") if is_first_page(call.asked) else []
    recent = islice(_visible(call, call.world.mentioning(user_id)), MENTIONS_HORIZON)
    return _timeline(call, user_id, recent, raw)


def tweets(call: Call) -> Body:
    user_id = call.id_in_path("id")
    leaves_out_replies = "replies" in call.asked.words("exclude")
    recent = islice(_visible(call, call.world.written_by(user_id)), TIMELINE_HORIZON)
    return _timeline(call, user_id, (p for p in recent if not (leaves_out_replies and p.in_reply_to)), [])


def _one(call: Call, user: User | None, parameter: str, value: str) -> Body:
    if user is None or user.suspended:
        return answer(None, {}, [_missing(user, parameter, value)], call)
    return answer(show_users(call, [user])[0], {}, [], call)


def _missing(user: User | None, parameter: str, value: str) -> Problem:
    return (problems.suspended if user else problems.not_found)("user", parameter, value)


def _visible(call: Call, posts: Iterable[Post]) -> Iterator[Post]:
    return (post for post in posts if call.may_see(call.world.user_by_id(post.author_id)))


def _timeline(call: Call, user_id: str, newest_first: Iterable[Post], raw: list[object]) -> Body:
    if call.world.user_by_id(user_id) is None:
        return answer(None, {}, [problems.not_found("user", "id", user_id)], call)
    page = page_of_posts(newest_first, call.asked, most=call.world.rules.largest_page)
    owned = call.identity.owns_app and user_id == call.identity.user_id
    data, includes = show_posts(call, page.things, Price.OWNED_POST_READ if owned else Price.POST_READ)
    return answer(raw + data, includes, [], call, page.meta(len(raw)))


TIMELINE_PARAMETERS = POST_PAGE_PARAMETERS | POST_FIELD_PARAMETERS
ENDPOINTS = (
    Endpoint("GET", "/2/users/me", me, FIELD_PARAMETERS, needs_user=True),
    Endpoint("GET", "/2/users", by_ids, FIELD_PARAMETERS | {"ids"}),
    Endpoint("GET", "/2/users/by/username/{username}", by_username, FIELD_PARAMETERS),
    Endpoint("GET", "/2/users/{id}/mentions", mentions, TIMELINE_PARAMETERS),
    Endpoint("GET", "/2/users/{id}/tweets", tweets, TIMELINE_PARAMETERS | {"exclude"}),
    Endpoint("GET", "/2/users/{id}", by_id, FIELD_PARAMETERS),
)
