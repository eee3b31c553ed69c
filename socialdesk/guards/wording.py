"""Guards that look at nothing but the words: there are some, they fit, and no gap is left in them."""

from __future__ import annotations

from functools import lru_cache

from socialdesk import fitting
from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.measures import count
from socialdesk.messages import Visibility
from socialdesk.phrases import gettext as _
from socialdesk.phrases import ngettext
from socialdesk.templating import leftovers

LONGEST_PRIVATE = 10_000  # characters of a direct message, as X counts them
MOST_PARTS = 4
KEPT = 200  # texts of which it is known what is in them: a draft is judged each time that it is shown
_MARKS = 8  # that keep a sign-off apart weigh less


def empty(text: str) -> Objection | None:
    if text.strip():
        return None
    return Objection(Kind.EMPTY, Severity.BLOCKS, _("There is nothing to send yet."), Remedy.EDIT)


def too_long(
    text: str, visibility: str, *, sign_off: str = "", most_parts: int = MOST_PARTS
) -> Objection | None:
    """A direct message with too many characters, or a public reply that would be too many posts."""
    words = _private_excess(text) if visibility == Visibility.PRIVATE else _excess(text, sign_off, most_parts)
    return Objection(Kind.TOO_LONG, Severity.BLOCKS, words, Remedy.EDIT) if words else None


def unfilled(text: str, customer_name: str = "") -> Objection | None:
    """A variable or a placeholder that nobody has filled in; what a customer calls himself is none."""
    if customer_name:
        text = text.replace(customer_name, "")
    gap = _gap(text)
    if gap is None:
        return None
    words = _("%(gap)s is still to be filled in.", gap=gap)
    return Objection(Kind.UNFILLED, Severity.BLOCKS, words, Remedy.EDIT)


_gap = lru_cache(maxsize=KEPT)(leftovers.gap)


def _private_excess(text: str) -> str | None:
    over = len(text) - LONGEST_PRIVATE
    if over <= 0:
        return None
    return ngettext(
        "A direct message has at most %(most)s characters: %(number)s too many.",
        "A direct message has at most %(most)s characters: %(number)s too many.",
        over,
        most=count(LONGEST_PRIVATE),
    )


def _excess(text: str, sign_off: str, most_parts: int) -> str | None:
    parts = _posts(text, sign_off)
    if parts <= most_parts:
        return None
    return ngettext(
        "A public reply has at most %(most)s posts, and this one takes %(number)s."
        " Shorten it, or write a direct message.",
        "A public reply has at most %(most)s posts, and this one takes %(number)s."
        " Shorten it, or write a direct message.",
        parts,
        most=most_parts,
    )


@lru_cache(maxsize=KEPT)
def _posts(text: str, sign_off: str) -> int:
    if fitting.weighted_length(text) + len(sign_off) + _MARKS < fitting.LIMIT:
        return 1
    return len(fitting.fit(text, sign_off=sign_off).parts)
