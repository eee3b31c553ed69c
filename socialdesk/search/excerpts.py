"""The part of a text in which the words looked for stand, with those words told apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from socialdesk.folding import CJK, by_character, folded_alike, is_cjk
from socialdesk.search.queries import Phrase

LONGEST = 240  # characters of an excerpt
BEFORE = 60  # of them before the first match
_WORD_STARTS = f"(?<![^\\s{CJK}])"
_WORD_ENDS = f"(?![^\\s{CJK}])"


class Piece(NamedTuple):
    text: str
    matches: bool


def excerpt(text: str, phrases: Iterable[Phrase]) -> list[Piece]:
    """A long text is cut around its first match, an ellipsis standing for what is left out."""
    text = unicodedata.normalize("NFC", text)
    found = spans(text, phrases)
    start = _start(text, found[0][0] if found else 0)
    end = min(start + LONGEST, len(text))
    pieces = list(_pieces(text, start, end, found))
    before = [Piece("…", False)] if start else []
    return before + pieces + ([Piece("…", False)] if end < len(text) else [])


def marked(text: str, phrases: Iterable[Phrase]) -> list[Piece]:
    """The whole text, the words looked for told apart."""
    text = unicodedata.normalize("NFC", text)
    return list(_pieces(text, 0, len(text), spans(text, phrases)))


def spans(text: str, phrases: Iterable[Phrase]) -> list[tuple[int, int]]:
    """Where in the text, in order and without overlaps, one of the phrases stands."""
    looked_at, origins = _folded(text)
    found = sorted(
        (origins[match.start()], _after(origins, match.end(), len(text)))
        for phrase in phrases
        for spelling in phrase.spellings
        for match in _regex(spelling).finditer(looked_at)
        if match[0]
    )
    return list(_merged(found))


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text as it is compared, and for each of its characters the place of the one that it came from."""
    if text.isascii():  # each becomes one
        return folded_alike(text), range(len(text))
    folded = list(by_character(text))
    return "".join(folded), [at for at, becomes in enumerate(folded) for _ in becomes]


def _after(origins: Sequence[int], end: int, length: int) -> int:
    """Behind the match's last character and the marks on it, which fold to nothing."""
    if end == len(origins):
        return length
    return max(origins[end], origins[end - 1] + 1)


def _merged(found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = 0
    for start, end in found:
        if end > last:
            yield max(start, last), end
            last = end


@lru_cache(maxsize=1_000)  # the same for every text that was found
def _regex(phrase: Phrase) -> re.Pattern[str]:
    """Pairs of letters overlap: of each but the last in a run only the first letter counts."""
    following = (*phrase.tokens[1:], "")
    pieces = [_shown(token, after) for token, after in zip(phrase.tokens, following, strict=True)]
    first, last = phrase.tokens[0], phrase.tokens[-1]
    start = "" if is_cjk(first) else _WORD_STARTS
    end = "" if phrase.open or is_cjk(last) else _WORD_ENDS
    return re.compile(start + r"\s*".join(pieces) + end)


def _shown(token: str, following: str) -> str:
    overlaps = is_cjk(token) and len(token) == 2 and following[:1] == token[1]
    return re.escape(token[0] if overlaps else token)


def _start(text: str, match: int) -> int:
    """Some words before the match, beginning with a whole one."""
    if match <= BEFORE or len(text) <= LONGEST:
        return 0
    start = match - BEFORE
    space = text.find(" ", start, match)
    return space + 1 if space >= 0 else start


def _pieces(text: str, start: int, end: int, found: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    at = start
    for first, last in found:
        if first >= end:
            break
        if at < first:
            yield Piece(text[at:first], False)
        yield Piece(text[first : min(last, end)], True)
        at = min(last, end)
    if at < end:
        yield Piece(text[at:end], False)
