"""What a successful answer is made of: the things found, those expanded beside them, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from socialdesk.sandbox import objects
from socialdesk.sandbox.calls import Body, Call
from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.ledger import Price
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.problems import Problem
from socialdesk.sandbox.users import User

MENTIONED = frozenset({"entities.mentions.username", "entities.note.mentions.username"})


def show_posts(call: Call, posts: list[Post], price: Price = Price.POST_READ) -> tuple[list[Any], Body]:
    """The posts as JSON and what belongs under `includes`; charges for both."""
    call.charge_read(price, [post.id for post in posts])
    referenced = _referenced(call, posts)
    call.charge_read(Price.POST_READ, [post.id for post in referenced])
    users = show_users(call, _expanded_users(call, posts, referenced))
    asked, world = call.asked, call.world
    included = [objects.post_json(world, post, asked) for post in referenced]
    includes = _filled({"users": users, asked.spelling.included: included})
    return [objects.post_json(world, post, asked) for post in posts], includes


def show_users(call: Call, users: Iterable[User]) -> list[Any]:
    listed = list({user.id: user for user in users}.values())
    call.charge_read(Price.USER_READ, [user.id for user in listed])
    return [objects.user_json(call.world, user, call.asked) for user in listed]


def show_messages(call: Call, messages: list[DirectMessage]) -> tuple[list[Any], Body]:
    call.charge_read(Price.DIRECT_MESSAGE_READ, [message.id for message in messages])
    senders = [message.sender_id for message in messages] if "sender_id" in call.asked.expansions else []
    users = show_users(call, _users(call, senders))
    return [objects.message_json(message, call.asked) for message in messages], _filled({"users": users})


def answer(
    data: Any, includes: Body, errors: Iterable[Problem], call: Call, meta: Body | None = None
) -> Body:
    """X leaves out whatever is empty."""
    said = [_partial(error, call) for error in errors]
    return _filled({"data": data, "includes": includes, "errors": said}) | ({"meta": meta} if meta else {})


def _partial(problem: Problem, call: Call) -> Body:
    body = problem.body(call.asked.spelling.host)
    del body["status"]
    return body


def _referenced(call: Call, posts: list[Post]) -> list[Post]:
    if "referenced_tweets.id" not in call.asked.expansions:
        return []
    ids = dict.fromkeys(post_id for post in posts for post_id in (post.in_reply_to, post.quoted) if post_id)
    found = (call.world.find_post(post_id) for post_id in ids)
    return [post for post in found if post and call.may_see(call.world.user_by_id(post.author_id))]


def _expanded_users(call: Call, posts: list[Post], referenced: list[Post]) -> list[User]:
    asked, ids = call.asked.expansions, []
    for post in posts:
        ids += [post.author_id] if "author_id" in asked else []
        ids += (
            [post.in_reply_to_user_id] if "in_reply_to_user_id" in asked and post.in_reply_to_user_id else []
        )
        ids += [mention.user_id for mention in post.wording.mentions] if asked & MENTIONED else []
    if "referenced_tweets.id.author_id" in asked:
        ids += [post.author_id for post in referenced]
    return _users(call, ids)


def _users(call: Call, ids: Iterable[str]) -> list[User]:
    return [user for user in map(call.world.user_by_id, dict.fromkeys(ids)) if user]


def _filled(body: Body) -> Body:
    return {name: value for name, value in body.items() if value}
