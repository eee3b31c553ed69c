"""What changed between two texts, word by word; in Japanese character by character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_CJK = "\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f"
_PIECES = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Literal["same", "gone", "new"]
    text: str


def between(before: str, after: str) -> list[Piece]:
    """The pieces in reading order: those with what is gone left out are the text after."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    found: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Piece("same", "".join(old[a:b])))
            continue
        found += [Piece("gone", "".join(old[a:b]))] if a < b else []
        found += [Piece("new", "".join(new[c:d]))] if c < d else []
    return found
