"""What X charges, in US dollars (docs: x-api/getting-started/pricing, 16 April 2026)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from socialdesk.fitting.links import find_links
from socialdesk.messages import Visibility

ANSWER = Decimal("0.01")  # to somebody who has mentioned us
POST = Decimal("0.015")  # any other, such as the second part of a reply, which answers our own first
WITH_LINK = Decimal("0.20")  # X does not say that an answer with a link would cost less
DIRECT_MESSAGE = Decimal("0.015")
# What is read, each thing once a day of UTC.
POST_READ = Decimal("0.005")
OWNED_READ = Decimal("0.001")  # our own timeline's, by an app that belongs to the account itself
USER_READ = Decimal("0.01")
MESSAGE_READ = Decimal("0.01")  # a direct message, in either direction
_READS = {"post_reads": POST_READ, "message_reads": MESSAGE_READ, "user_reads": USER_READ}


def of_read(kind: str, *, owned: bool) -> Decimal:
    """One thing of that kind; `owned` reads are those of an app that belongs to the account that reads."""
    if kind in ("mention_reads", "own_reads"):
        return OWNED_READ if owned else POST_READ
    return _READS[kind]


def of_reply(parts: Sequence[str], visibility: str) -> Decimal:
    """What sending it costs; `parts` are the posts of a public reply, in order, or the one direct message."""
    return sum((price for _, price in by_kind(parts, visibility)), Decimal())


def by_kind(parts: Sequence[str], visibility: str) -> Iterator[tuple[str, Decimal]]:
    """What each part is charged as, and how much: answers, posts, links or messages."""
    for number, part in enumerate(parts, start=1):
        yield of_part(number, part, visibility)


def of_part(number: int, text: str, visibility: str) -> tuple[str, Decimal]:
    """The same of one part alone; the first is number 1."""
    if visibility == Visibility.PRIVATE:
        return "messages", DIRECT_MESSAGE
    if find_links(text):
        return "links", WITH_LINK
    return ("answers", ANSWER) if number == 1 else ("posts", POST)
