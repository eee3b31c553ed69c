"""A text as X serves it: escaped, shortened, and with the places of its mentions, addresses and tags."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from socialdesk.sandbox.users import User
from socialdesk.sandbox.weights import ADDRESS

MENTION = r"(?<![\w@/.])@(?P<mention>[A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@])"
HASHTAG = r"(?<![\w#&/])#(?P<hashtag>\w*[^\W\d_]\w*)"
MARKUP = re.compile(rf"{MENTION}|{HASHTAG}")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
SHORTENED_LENGTH = 280


@dataclass(frozen=True)
class Span:
    """A stretch of a served text, in code points, the end not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Mention(Span):
    user_id: str
    handle: str


@dataclass(frozen=True)
class Address(Span):
    short: str
    full: str


@dataclass(frozen=True)
class Hashtag(Span):
    tag: str


@dataclass(frozen=True)
class Wording:
    """All places are places in `text`, as a reader of X's answers needs them."""

    text: str
    display_start: int
    mentions: tuple[Mention, ...] = ()
    addresses: tuple[Address, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()

    def explicitly_mentions(self, user_id: str) -> bool:
        """True when the author typed the handle, rather than X having carried it over from the thread."""
        return any(m.user_id == user_id and m.start >= self.display_start for m in self.mentions)

    def mentions_user(self, user_id: str) -> bool:
        return any(mention.user_id == user_id for mention in self.mentions)


def word(text: str, display_start: int, user_named: Callable[[str], User | None]) -> Wording:
    """Only handles that somebody has become mentions. `display_start` is a place in the given text."""
    served, addresses = _shorten(text)
    mentions: list[Mention] = []
    hashtags: list[Hashtag] = []
    for match in MARKUP.finditer(served):
        handle, tag = match["mention"], match["hashtag"]
        if tag:
            hashtags.append(Hashtag(*match.span(), tag))
        elif user := user_named(handle):
            mentions.append(Mention(*match.span(), user.id, user.handle))
    return Wording(served, display_start, tuple(mentions), tuple(addresses), tuple(hashtags))


def _shorten(text: str) -> tuple[str, list[Address]]:
    served, done, addresses = "", 0, []
    for match in ADDRESS.finditer(text):
        served += text[done : match.start()].translate(ESCAPES)
        full = match.group()
        short = "https://t.co/" + hashlib.sha256(full.encode()).hexdigest()[:10]
        addresses.append(Address(len(served), len(served) + len(short), short, full))
        served, done = served + short, match.end()
    return served + text[done:].translate(ESCAPES), addresses


def cut_short(text: str, longest: int = SHORTENED_LENGTH) -> str:
    """The stand-in text of a long post: its beginning, an ellipsis, never half an escape."""
    beginning = text[: longest - 1]
    escape = beginning.rfind("&", len(beginning) - 5)
    if escape >= 0 and ";" not in beginning[escape:]:
        beginning = beginning[:escape]
    return beginning + "…"
