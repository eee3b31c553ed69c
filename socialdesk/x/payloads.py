"""What X's JSON means: posts, direct messages and people, in both of its spellings.

Between July and August 2026 X's OpenAPI document renamed tweet_* to post_* (version 2.166 to 2.167). Requests
are made in the spelling the settings name; answers are read in either. An item that cannot be read is
rejected with its reason and hurts no other.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import regex

from socialdesk import clock
from socialdesk.customers import Profile
from socialdesk.messages import Incoming, Visibility, clean, clean_name
from socialdesk.polling.quarantine import Rejected
from socialdesk.x import summons
from socialdesk.x.ids import is_id, made_at

FIELDS = {
    "tweet": {
        "tweet.fields": "author_id,conversation_id,created_at,display_text_range,entities,"
        "in_reply_to_user_id,lang,note_tweet,referenced_tweets"
    },
    "post": {
        "post.fields": "conversation_id,created_at,display_text_range,entities,lang,note_post",
        "expansions": "author_id,in_reply_to_user_id,referenced_posts",
    },
}
USER_FIELDS = "public_metrics,verified_type"
DM_FIELDS = {"dm_event.fields": "entities,id,event_type,text,dm_conversation_id,created_at,sender_id"}
MOST_LINKS = 50
MOST_FOLLOWERS = 2**31 - 1  # what the column holds
FIRST_POST = datetime(2006, 3, 21, tzinfo=UTC)
_LANGUAGE = regex.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")
LONGEST_TEXT = 30_000  # a long post has 25,000 characters, a direct message 10,000

_T = TypeVar("_T")


class Unreadable(ValueError):
    """This item is not what X's documents say it should be."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer, newest first as X gives it."""

    items: list[Incoming]
    rejected: list[Rejected]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What became of posts asked for by id: X shows them, does not have them, or hides them from us."""

    found: list[Incoming]
    missing: list[str]
    hidden: list[str]
    unreadable: int = 0


def posts_page(body: Any, *, our_x_id: str) -> Page:
    """A page of posts. An answer without data is an empty page; whatever else it lacks raises Unreadable."""
    return _page(body, lambda item: post(item, our_x_id=our_x_id))


def looked_up(body: Any, *, our_x_id: str) -> LookedUp:
    """Posts asked for by id. What X leaves out, or cannot be read, is in none of the lists."""
    found = _page({"data": _items(body), "meta": {}}, lambda item: post(item, our_x_id=our_x_id))
    missing = _problems_with(body, "resource-not-found")
    hidden = _problems_with(body, "not-authorized-for-resource")
    return LookedUp(found.items, missing, hidden, len(found.rejected))


def _problems_with(body: Mapping[str, Any], kind: str) -> list[str]:
    """The ids of the posts asked for that an answer has such a problem with."""
    errors = body.get("errors")
    told = [each for each in errors if isinstance(each, Mapping)] if isinstance(errors, list) else []
    ids = [
        each.get("resource_id") or each.get("value")
        for each in told
        if each.get("parameter") == "ids" and str(each.get("type")).rpartition("/")[2] == kind
    ]
    return [str(each) for each in ids if is_id(each)]


def direct_messages_page(body: Any, *, our_x_id: str) -> Page:
    """A page of direct message events; people joining and leaving are no messages and left out."""
    events = _listed(body)
    wanted = [event for event in events if not _is_other_event(event)]
    return _page({**body, "data": wanted}, lambda item: direct_message(item, our_x_id=our_x_id))


def post(item: Any, *, our_x_id: str) -> Incoming:
    """Raises Unreadable, with the reason."""
    fields = _mapping(item)
    author = _id(fields, "author_id")
    answered_user = fields.get("in_reply_to_user_id")
    somebody_else = is_id(answered_user) and answered_user != our_x_id
    theirs = author if author != our_x_id else (str(answered_user) if somebody_else else None)
    versions = _versions(fields)
    conversation = _optional_id(fields, "conversation_id") or _id(fields, "id")
    return Incoming(
        x_id=_id(fields, "id"),
        visibility=Visibility.PUBLIC,
        author_x_id=author,
        customer_x_id=theirs,
        conversation_id=versions[0] if conversation in versions else conversation,
        in_reply_to_x_id=_answered(fields),
        text=_text(fields),
        sent_at=made_at(versions[0]) if len(versions) > 1 else _moment(fields),
        x_language=_language(fields.get("lang")),
        not_repliable=None if author == our_x_id else summons.why_not(fields, our_x_id),
        retweet=_referenced(fields, "retweeted") is not None,
        versions=versions,
    )


def direct_message(item: Any, *, our_x_id: str) -> Incoming:
    """Raises Unreadable. The other party of a one-to-one conversation is in its id: `smaller-larger`."""
    fields = _mapping(item)
    sender = _id(fields, "sender_id")
    conversation = str(fields.get("dm_conversation_id", ""))
    parties = [part for part in conversation.split("-") if is_id(part)]
    if len(parties) != 2 or our_x_id not in parties:
        raise Unreadable("not a conversation between us and one person")
    theirs = next((party for party in parties if party != our_x_id), None)
    return Incoming(
        x_id=_id(fields, "id"),
        visibility=Visibility.PRIVATE,
        author_x_id=sender,
        customer_x_id=theirs,
        conversation_id=conversation,
        in_reply_to_x_id=None,
        text=_text(fields),
        sent_at=_moment(fields),
    )


def profiles(body: Any) -> list[Profile]:
    """The people in an answer; those that cannot be read are left out and asked for again another time."""
    return [
        Profile(
            str(item["id"]),
            clean(str(item["username"]))[:50],
            clean_name(str(item.get("name", "")))[:200],
            _followers(item.get("public_metrics")),
            business=item.get("verified_type") in ("business", "government"),
        )
        for item in _items(body)
        if isinstance(item, Mapping) and is_id(item.get("id")) and item.get("username")
    ]


def _followers(metrics: Any) -> int | None:
    number = metrics.get("followers_count") if isinstance(metrics, Mapping) else None
    return number if isinstance(number, int) and 0 <= number <= MOST_FOLLOWERS else None


def _language(said: Any) -> str | None:
    return said if isinstance(said, str) and _LANGUAGE.fullmatch(said) else None


def created_id(body: Any, name: str) -> str | None:
    """The id in the answer to a create request; None when there is none, whatever else the answer says."""
    data = body.get("data") if isinstance(body, Mapping) else None
    found = data.get(name) if isinstance(data, Mapping) else None
    return str(found) if is_id(found) else None


def _page(body: Any, read: Callable[[Any], Incoming]) -> Page:
    items: list[Incoming] = []
    rejected: list[Rejected] = []
    for item in _listed(body):
        try:
            items.append(read(item))
        except Unreadable as error:
            rejected.append(Rejected(str(error), item))
    meta = body.get("meta")
    token = meta.get("next_token") if isinstance(meta, Mapping) else None
    return Page(items, rejected, str(token) if token else None)


def _items(body: Any) -> list[Any]:
    data = _mapping(body).get("data")
    if data is None and not ("meta" in body or "errors" in body):
        raise Unreadable("an answer with neither data nor meta")
    if data is None:
        return []
    return data if isinstance(data, list) else [data]


def _listed(body: Any) -> list[Any]:
    if not isinstance(_mapping(body).get("meta"), Mapping):
        raise Unreadable("a page that does not say what it holds")
    items = _items(body)
    if items and not isinstance(body["data"], list):
        raise Unreadable("the data of a page are no list")
    return items


def _mapping(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise Unreadable(f"a {type(item).__name__} where an object should be")
    return item


def _id(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not is_id(value):
        raise Unreadable(f"{name} is missing" if value is None else f"{name} is no id of X's")
    return str(value)


def _optional_id(fields: Mapping[str, Any], name: str) -> str | None:
    return _id(fields, name) if fields.get(name) is not None else None


def _versions(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all versions of an edited post, oldest first; nothing for what is no list of ids."""
    said = fields.get("edit_history_tweet_ids") or fields.get("edit_history_post_ids")
    ids = said if isinstance(said, list) else []
    return tuple(sorted(ids, key=int)) if all(is_id(each) for each in ids) else ()


def _answered(fields: Mapping[str, Any]) -> str | None:
    return _referenced(fields, "replied_to")


def _referenced(fields: Mapping[str, Any], how: str) -> str | None:
    """The post that this one answers, quotes or repeats."""
    references = fields.get("referenced_tweets") or fields.get("referenced_posts") or []
    if not isinstance(references, list):
        raise Unreadable("the referenced posts are no list")
    for reference in references:
        if isinstance(reference, Mapping) and reference.get("type") == how:
            return _id(reference, "id")
    return None


def _text(fields: Mapping[str, Any]) -> str:
    """The whole text as it was written: `text` is cut where a note has the rest, X escapes &, < and > once,
    and puts its own t.co in the place of each link."""
    note = fields.get("note_tweet") or fields.get("note_post")
    whole = note if isinstance(note, Mapping) else fields
    text = whole.get("text")
    if not isinstance(text, str):
        raise Unreadable("text is missing" if text is None else "text is no text")
    text = html.unescape(text[:LONGEST_TEXT])
    for short, long in _links(whole.get("entities")):
        text = text.replace(short, long)
    return text[:LONGEST_TEXT]


def _links(entities: Any) -> list[tuple[str, str]]:
    """X's short form of each link with what it stands for; whatever is not in order is left as it is."""
    urls = entities.get("urls") if isinstance(entities, Mapping) else None
    found = [url for url in urls if isinstance(url, Mapping)] if isinstance(urls, list) else []
    pairs = [(url.get("url"), url.get("expanded_url")) for url in found[:MOST_LINKS]]
    return [
        (short, long) for short, long in pairs if short and isinstance(short, str) and isinstance(long, str)
    ]


def _moment(fields: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(fields["created_at"]))
    except (KeyError, ValueError) as error:
        raise Unreadable("created_at is missing or no moment") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not FIRST_POST <= moment <= clock.now() + timedelta(days=1):
        raise Unreadable("created_at is before the first post on X, or in the future")
    return moment


def _is_other_event(event: Any) -> bool:
    return isinstance(event, Mapping) and event.get("event_type") in ("ParticipantsJoin", "ParticipantsLeave")
