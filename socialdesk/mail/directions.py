"""Handles in sentences that run from right to left: their sign stays before them.

An @ has no direction of its own: without help it goes with the words around it, so that @handle is shown as
handle@ (Unicode Standard Annex 9; FSI and PDI keep a piece of text to itself).
"""

from __future__ import annotations

from socialdesk import phrases

APART, TOGETHER = "\u2068", "\u2069"  # first strong isolate, pop directional isolate


def with_handle(sentence: str, handle: str) -> str:
    """The sentence, for the reader's language; one that runs from left to right needs nothing."""
    if phrases.locale().text_direction != "rtl":
        return sentence
    return sentence.replace(f"@{handle}", f"{APART}@{handle}{TOGETHER}")


def unmarked(text: str) -> str:
    """Without those marks."""
    return text.replace(APART, "").replace(TOGETHER, "")
