"""Signs that nobody sees and that make a text read otherwise than it is stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

# Overrides, embeddings and isolates: a reader may be shown the words in another order than they stand in.
_TURNING = r"[\u202a-\u202e\u2066-\u2069\u206a-\u206f]"
# Blanks and marks without a shape. Not among them: the marks of direction (U+200E, U+200F, U+061C), the
# word joiner that keeps a customer's name from becoming a link, and the zero-width space of scripts that
# are written without blanks.
_SHAPELESS = r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2061-\u2064\u3164\ufeff\ufff9-\ufffb\uffa0]"
_BLANKLESS = r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Hiragana}\p{Katakana}\p{Han}]"
_SPACE = rf"(?<!{_BLANKLESS})\u200b|\u200b(?!{_BLANKLESS})"
# Joiners shape letters that are joined in writing, and emoji; anywhere else they only hide.
_JOINED = (
    r"[\p{Arabic}\p{Syriac}\p{Mongolian}\p{Nko}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}"
    r"\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Mn}"
    r"\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]"
)
_JOINER = rf"(?<!{_JOINED})[\u200c\u200d]"
# Tag signs spell the flags of nations behind a black flag, and are a hidden alphabet elsewhere.
_TAG = r"\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f(*SKIP)(*FAIL)|[\U000e0000-\U000e007f]"
_HIDDEN = regex.compile(rf"{_TAG}|{_TURNING}|{_SHAPELESS}|{_SPACE}|{_JOINER}", regex.VERSION1)


def without(text: str) -> str:
    """What can be seen of it."""
    return _HIDDEN.sub("", text)


def find(text: str) -> tuple[str, ...]:
    """Each once, in the order of the text."""
    return tuple(dict.fromkeys(_HIDDEN.findall(text)))


def turns(signs: Iterable[str]) -> bool:
    """Whether one of them turns the order in which words are shown."""
    return any(regex.fullmatch(_TURNING, sign) for sign in signs)


def named(signs: Iterable[str]) -> str:
    """By code point and Unicode's name: "U+202E RIGHT-TO-LEFT OVERRIDE"; the first three."""
    told = (f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in signs)
    return ", ".join(list(told)[:3])
