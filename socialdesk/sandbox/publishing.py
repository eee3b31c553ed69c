"""What X demands of a post before it takes it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import Any

from socialdesk.sandbox import problems
from socialdesk.sandbox.calls import Body
from socialdesk.sandbox.ids import is_id
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.users import User
from socialdesk.sandbox.weights import (
    LONGEST_POST,
    LONGEST_PREMIUM_POST,
    has_forbidden_characters,
    weighted_length,
)
from socialdesk.sandbox.world import World

DUPLICATES_LOOKED_FOR = 200
IGNORED = frozenset(
    {
        "card_uri",
        "direct_message_deep_link",
        "for_super_followers_only",
        "made_with_ai",
        "nullcast",
        "paid_partnership",
        "reply_settings",
        "share_with_followers",
    }
)


@dataclass(frozen=True)
class Draft:
    text: str
    in_reply_to: str | None = None
    leaving_out: tuple[str, ...] = ()
    """Ids of users in the thread who are not to be carried over."""
    quote: str | None = None


def draft_from(body: Body) -> Draft:
    """Raises a Problem for whatever the documents do not allow in the body."""
    for name in body.keys() - IGNORED - {"text", "reply", "quote_tweet_id"}:
        raise problems.invalid(f"$.{name}: is not available here", **{name: body[name]})
    text, reply = body.get("text", ""), body.get("reply") or {}
    if not isinstance(text, str) or not text.strip():
        raise problems.invalid("$.text: a post needs a text", text=text)
    if not isinstance(reply, dict) or reply.keys() - {
        "in_reply_to_tweet_id",
        "exclude_reply_user_ids",
        "auto_populate_reply_metadata",
    }:
        raise problems.invalid("$.reply: is not valid", reply=reply)
    target = _id(reply.get("in_reply_to_tweet_id"), "reply.in_reply_to_tweet_id", required=bool(reply))
    return Draft(
        text,
        target,
        tuple(reply.get("exclude_reply_user_ids") or ()),
        _id(body.get("quote_tweet_id"), "quote_tweet_id"),
    )


def check(world: World, author: User, draft: Draft) -> None:
    """Raises the Problem with which X would refuse this post."""
    _check_text(author, draft.text)
    if draft.quote and not world.rules.quotes_allowed:
        raise problems.forbidden(problems.NO_QUOTES)
    if draft.in_reply_to:
        _check_target(world, author, world.find_post(draft.in_reply_to))
    if _is_duplicate(world, author, draft):
        raise problems.forbidden(problems.DUPLICATE)


def is_summoned(world: World, author: User, parent: Post) -> bool:
    """Whether the parent's author called on this account, by mentioning it or by quoting one of its posts."""
    quoted = world.find_post(parent.quoted or "")
    if quoted and quoted.author_id == author.id:
        return True
    if world.rules.implicit_mentions_summon:
        return parent.wording.mentions_user(author.id)
    return parent.wording.explicitly_mentions(author.id)


def _check_text(author: User, text: str) -> None:
    longest = LONGEST_PREMIUM_POST if author.longer_posts else LONGEST_POST
    # The plain count comes first: an overlong text is never worth measuring.
    if len(text) > LONGEST_PREMIUM_POST or weighted_length(text) > longest:
        raise problems.forbidden(problems.TOO_LONG)
    if has_forbidden_characters(text):
        raise problems.invalid("$.text: contains invalid characters", text=text)


def _check_target(world: World, author: User, parent: Post | None) -> None:
    writer = world.user_by_id(parent.author_id) if parent else None
    if parent is None or writer is None or writer.suspended or (writer.protected and writer != author):
        raise problems.forbidden(problems.DELETED_TARGET)
    if parent.author_id == author.id or not world.rules.replies_need_summons:
        return
    if not is_summoned(world, author, parent):
        raise problems.forbidden(problems.NOT_SUMMONED)


def _is_duplicate(world: World, author: User, draft: Draft) -> bool:
    """The same words to the same post; index lag hides nothing from this check."""
    recent = islice(world.written_by_with_unlisted(author.id), DUPLICATES_LOOKED_FOR)
    words = _comparable(draft.text)
    return any(
        post.in_reply_to == draft.in_reply_to and _comparable(post.given_text) == words for post in recent
    )


def _comparable(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _id(value: Any, name: str, required: bool = False) -> str | None:
    if value is None and not required:
        return None
    if not isinstance(value, str) or not is_id(value):
        raise problems.invalid(f"$.{name}: [{value}] is not a valid id", **{name: value})
    return value
