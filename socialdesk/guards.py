"""What may not go out, each with its reason in plain words."""

from __future__ import annotations

import regex

from socialdesk import fitting
from socialdesk.messages import Message, Unrepliable, Visibility

LONGEST_PRIVATE = 10_000  # characters of a direct message, as X counts them
_UNFILLED = regex.compile(r"\{\{.*?\}\}|\{%|\[(?:name|order|date|link)\]", regex.IGNORECASE)


def objections(text: str, visibility: str) -> list[str]:
    """Why this text may not be sent in public or in private; empty when it may."""
    if not text.strip():
        return ["There is nothing to send yet."]
    found = []
    if excess := _excess(text, visibility):
        found.append(excess)
    if gap := _UNFILLED.search(text):
        found.append(f"{gap.group()} is still to be filled in.")
    return found


_WHY_NOT = {
    Unrepliable.CARRIED_OVER: (
        "X would refuse a public answer to that post: the customer did not mention us in it, X only carried"
        " our name over from the thread."
    ),
    Unrepliable.NOT_MENTIONED: (
        "X would refuse a public answer to that post: the customer did not mention us in it."
    ),
}


def unrepliable(answered: Message, visibility: str, instead: Message | None = None) -> str | None:
    """Why X would refuse this answer because of what it answers, and what to do; None when it would not.

    `instead` is a post of the customer's that may be answered.
    """
    if visibility == Visibility.PRIVATE or answered.not_repliable is None:
        return None
    way_out = (
        f"Answer the post of {instead.sent_at:%d %B, %H:%M} UTC, or write a direct message."
        if instead
        else "Write a direct message, or ask the customer in the X app to mention us."
    )
    return f"{_WHY_NOT[Unrepliable(answered.not_repliable)]} {way_out}"


def _excess(text: str, visibility: str) -> str | None:
    if visibility == Visibility.PRIVATE:
        over = len(text) - LONGEST_PRIVATE
        return (
            f"A direct message has at most {LONGEST_PRIVATE} characters: {over} too many."
            if over > 0
            else None
        )
    over = fitting.weighted_length(text) - fitting.LIMIT
    return (
        f"A post has at most {fitting.LIMIT} characters as X counts them: {over} too many."
        if over > 0
        else None
    )
