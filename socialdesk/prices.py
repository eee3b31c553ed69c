"""What X charges for a reply, in US dollars (docs: x-api/getting-started/pricing, 16 April 2026)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from socialdesk.fitting.links import find_links
from socialdesk.messages import Visibility

ANSWER = Decimal("0.01")  # to somebody who has mentioned us
POST = Decimal("0.015")  # any other, such as the second part of a reply, which answers our own first
WITH_LINK = Decimal("0.20")  # X does not say that an answer with a link would cost less
DIRECT_MESSAGE = Decimal("0.015")


def of_reply(parts: Sequence[str], visibility: str) -> Decimal:
    """What sending it costs; `parts` are the posts of a public reply, in order, or the one direct message."""
    if visibility == Visibility.PRIVATE:
        return DIRECT_MESSAGE * len(parts)
    return sum((_of_post(part, first=number == 0) for number, part in enumerate(parts)), Decimal())


def _of_post(part: str, *, first: bool) -> Decimal:
    if find_links(part):
        return WITH_LINK
    return ANSWER if first else POST
