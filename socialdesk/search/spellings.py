"""Other ways to write the same word, by which it is found too: order numbers without dashes, ue for ü."""

from __future__ import annotations

import re
import unicodedata

from socialdesk.folding import LONGEST_TOKEN, is_cjk, tokens

_JOINED = re.compile(r"\w+(?:[-'’‐‑]\w+)+")  # e-mail, don't, 402-1234567-7654321
_SHORTEST, _SHORTEST_NUMBER = 4, 6  # characters without what joins them; fewer begin too many other words
_ORDER = re.compile(r"([0-9]{3})([0-9]{7})([0-9]{7})")  # Amazon's, when the dashes are left out
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}

Spelling = tuple[str, ...]


def respelt(typed: str, pieces: Spelling) -> tuple[Spelling, ...]:
    """What else may stand for the word, whose tokens are `pieces`: every one is looked for like it.

    Only what can hardly mean something else: that mueller is sought as müller too would make pude of puede.
    """
    if len(pieces) > 1:
        return _without_joints(typed, pieces)
    if number := _ORDER.fullmatch(pieces[0]):
        return (number.groups(),)
    lower = unicodedata.normalize("NFC", typed).lower()
    written = tuple(tokens(re.sub("[äöü]", lambda found: _UMLAUTS[found[0]], lower)))
    return (written,) if written != pieces and any(umlaut in lower for umlaut in _UMLAUTS) else ()


def _without_joints(typed: str, pieces: Spelling) -> tuple[Spelling, ...]:
    joined = "".join(pieces)[:LONGEST_TOKEN]
    shortest = _SHORTEST_NUMBER if joined.isdecimal() else _SHORTEST
    if len(joined) < shortest or any(map(is_cjk, pieces)) or not _JOINED.fullmatch(typed):
        return ()
    return ((joined,),)
