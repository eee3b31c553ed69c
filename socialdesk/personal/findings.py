"""A stretch of text that is nobody else's business, and how it is shown to those who have not asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from socialdesk.phrases import mark

NAMES = {
    "order_number": mark("Order number"),
    "email": mark("E-mail address"),
    "phone": mark("Phone number"),
    "address": mark("Postal address"),
    "card": mark("Card number"),
    "iban": mark("IBAN"),
    "national_id": mark("National id"),
}

MASK = "•••• "
_AFTER_NO_SPACE = ("", " ", "\n", ".", ",", ";", ":", "!", "?", ")")
_SHOWN = 2  # characters; enough to tell two numbers apart on the telephone


class Finding(NamedTuple):
    """`kind` is a key of NAMES; `start` and `end` as in a slice of the text."""

    kind: str
    start: int
    end: int


def mask(text: str, findings: Iterable[Finding]) -> str:
    """The text with the last two letters or digits of each finding, whatever its length was.

    What it returns has nothing left to find. Findings are as `find` gives them: in order, none overlapping.
    """
    parts: list[str] = []
    done = 0
    for finding in findings:
        parts += [text[done : finding.start], MASK, _end_of(text[finding.start : finding.end])]
        done = finding.end
    return "".join(parts) + text[done:]


def without(text: str, findings: Iterable[Finding]) -> str:
    """The text with nothing in the place of each finding, and one space where there would be two."""
    kept, done = "", 0
    for finding in findings:
        kept, done = kept + text[done : finding.start], finding.end
        if kept.endswith(" ") and text[done : done + 1] in _AFTER_NO_SPACE:
            kept = kept[:-1]
    return kept + text[done:]


def _end_of(found: str) -> str:
    return "".join(c for c in found if c.isalnum())[-_SHOWN:]
