"""Posts, users and messages as X's JSON shows them: only what was asked for, and nothing that is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from socialdesk.sandbox.asking import Asked
from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.ids import moment_of, stamp
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.spelling import Spelling
from socialdesk.sandbox.users import User
from socialdesk.sandbox.weights import LONGEST_POST, weighted_length
from socialdesk.sandbox.wording import Wording, cut_short
from socialdesk.sandbox.world import World

Shown = dict[str, Any]
EDITABLE_FOR = timedelta(minutes=30)
EDITS_ALLOWED = 5


def post_json(world: World, post: Post, asked: Asked) -> Shown:
    shown = {name: show(world, post) for name, show in POST_FIELDS.items() if name in asked.post_fields}
    return _spelled(shown, asked.spelling)


def user_json(world: World, user: User, asked: Asked) -> Shown:
    shown = {name: show(world, user) for name, show in USER_FIELDS.items() if name in asked.user_fields}
    return _spelled(shown, asked.spelling)


def message_json(message: DirectMessage, asked: Asked) -> Shown:
    shown = {name: show(message) for name, show in MESSAGE_FIELDS.items() if name in asked.message_fields}
    return _spelled(shown, asked.spelling)


def served_text(post: Post) -> str:
    """The beginning only, where the post is longer than others may write; the rest is in its note."""
    return cut_short(post.wording.text) if _is_long(post) else post.wording.text


def _spelled(shown: Mapping[str, Any], spelling: Spelling) -> Shown:
    """Fields that are empty are left out. Counts are called differently too, one step further in."""
    if metrics := shown.get("public_metrics"):
        shown = {**shown, "public_metrics": {spelling.say(name): n for name, n in metrics.items()}}
    return {spelling.say(name): value for name, value in shown.items() if value is not None}


def _is_long(post: Post) -> bool:
    return len(post.given_text) * 2 > LONGEST_POST and weighted_length(post.given_text) > LONGEST_POST


def _entities(wording: Wording, up_to: int) -> Shown | None:
    def within(span: Any) -> bool:
        return bool(span.end <= up_to)

    mentions = [
        {"start": m.start, "end": m.end, "username": m.handle, "id": m.user_id}
        for m in filter(within, wording.mentions)
    ]
    addresses = [
        {
            "start": a.start,
            "end": a.end,
            "url": a.short,
            "expanded_url": _absolute(a.full),
            "display_url": a.full,
        }
        for a in filter(within, wording.addresses)
    ]
    hashtags = [{"start": h.start, "end": h.end, "tag": h.tag} for h in filter(within, wording.hashtags)]
    found = {"mentions": mentions, "urls": addresses, "hashtags": hashtags}
    return {name: places for name, places in found.items() if places} or None


def _absolute(address: str) -> str:
    return address if address.lower().startswith("http") else f"http://{address}"


def _note(_: World, post: Post) -> Shown | None:
    if not _is_long(post):
        return None
    entities = _entities(post.wording, len(post.wording.text))
    return {"text": post.wording.text} | ({"entities": entities} if entities else {})


def _references(_: World, post: Post) -> list[Shown] | None:
    answered = [{"type": "replied_to", "id": post.in_reply_to}] if post.in_reply_to else []
    quoted = [{"type": "quoted", "id": post.quoted}] if post.quoted else []
    return answered + quoted or None


def _edit_controls(world: World, post: Post) -> Shown:
    return {
        "edits_remaining": max(0, EDITS_ALLOWED + 1 - len(world.versions(post))),
        "is_edit_eligible": post.in_reply_to is None,
        "editable_until": stamp(moment_of(post.first_version) + EDITABLE_FOR),
    }


def _post_metrics(world: World, post: Post) -> Shown:
    replies = sum(1 for other in world.in_conversation(post.conversation_id) if other.in_reply_to == post.id)
    counts = dict.fromkeys(
        ("retweet_count", "like_count", "quote_count", "bookmark_count", "impression_count"), 0
    )
    return counts | {"reply_count": replies}


def _user_metrics(world: World, user: User) -> Shown:
    counts = dict.fromkeys(("followers_count", "following_count", "listed_count", "like_count"), 0)
    return counts | {"tweet_count": sum(1 for _ in world.written_by(user.id))}


POST_FIELDS: Mapping[str, Callable[[World, Post], Any]] = {
    "id": lambda _, post: post.id,
    "text": lambda _, post: served_text(post),
    "edit_history_tweet_ids": lambda world, post: world.versions(post),
    "author_id": lambda _, post: post.author_id,
    "conversation_id": lambda _, post: post.conversation_id,
    "created_at": lambda _, post: stamp(post.created_at),
    "display_text_range": lambda _, post: [post.wording.display_start, len(served_text(post))],
    "edit_controls": _edit_controls,
    "entities": lambda _, post: _entities(post.wording, len(served_text(post))),
    "in_reply_to_user_id": lambda _, post: post.in_reply_to_user_id,
    "lang": lambda _, post: post.lang,
    "note_tweet": _note,
    "possibly_sensitive": lambda *_: False,
    "public_metrics": _post_metrics,
    "referenced_tweets": _references,
    "reply_settings": lambda _, post: post.reply_settings,
}

USER_FIELDS: Mapping[str, Callable[[World, User], Any]] = {
    "id": lambda _, user: user.id,
    "name": lambda _, user: user.name,
    "username": lambda _, user: user.handle,
    "created_at": lambda _, user: stamp(user.created_at),
    "description": lambda _, user: user.description or None,
    "protected": lambda _, user: user.protected,
    "public_metrics": _user_metrics,
    "receives_your_dm": lambda _, user: user.receives_direct_messages,
    "verified": lambda _, user: user.verified,
    "verified_type": lambda _, user: "business" if user.verified else "none",
}

MESSAGE_FIELDS: Mapping[str, Callable[[DirectMessage], Any]] = {
    "id": lambda message: message.id,
    "event_type": lambda _: "MessageCreate",
    "text": lambda message: message.wording.text,
    "created_at": lambda message: stamp(message.created_at),
    "dm_conversation_id": lambda message: message.conversation_id,
    "entities": lambda message: _entities(message.wording, len(message.wording.text)),
    "sender_id": lambda message: message.sender_id,
}
