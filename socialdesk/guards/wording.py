"""Guards that look at nothing but the words: there are some, they fit, and no gap is left in them."""

from __future__ import annotations

import regex

from socialdesk import fitting
from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.messages import Visibility

LONGEST_PRIVATE = 10_000  # characters of a direct message, as X counts them
MOST_PARTS = 4
_MARKS = 8  # that keep a sign-off apart weigh less
_UNFILLED = regex.compile(
    r"⟦[^⟧]{0,80}⟧?|\{\{.{0,80}?\}\}|\{%|\[(?:name|order|date|link)\]", regex.IGNORECASE
)


def empty(text: str) -> Objection | None:
    if text.strip():
        return None
    return Objection(Kind.EMPTY, Severity.BLOCKS, "There is nothing to send yet.", Remedy.EDIT)


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
    gap = _UNFILLED.search(text)
    if gap is None:
        return None
    words = f"{gap.group().strip('⟦⟧')} is still to be filled in."
    return Objection(Kind.UNFILLED, Severity.BLOCKS, words, Remedy.EDIT)


def _private_excess(text: str) -> str | None:
    over = len(text) - LONGEST_PRIVATE
    if over <= 0:
        return None
    return f"A direct message has at most {LONGEST_PRIVATE} characters: {over} too many."


def _excess(text: str, sign_off: str, most_parts: int) -> str | None:
    if fitting.weighted_length(text) + len(sign_off) + _MARKS < fitting.LIMIT:
        return None
    parts = len(fitting.fit(text, sign_off=sign_off).parts)
    if parts <= most_parts:
        return None
    return (
        f"A public reply has at most {most_parts} posts, and this one takes {parts}."
        " Shorten it, or write a direct message."
    )
