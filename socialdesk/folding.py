"""Text reduced to what a search compares: no case, no accents, one form of each letter, words and bigrams.

Each character folds by itself, so that a place in the folded text can be told in the original one too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST_TOKEN = 40  # characters; what is longer is found by its beginning
# What no decomposition of Unicode's brings together, and people type for each other.
_ALIKE = {
    **dict(zip("łøđðħŧŋı", "loddhtni", strict=True)),
    **dict(zip("ىیةەکٱھہ", "ييههكاهه", strict=True)),
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "\u0640": "",  # the stroke that only stretches an Arabic word
    "ς": "σ",
}
_VOICING = "\u3099\u309a"  # は, ば and ぱ are three letters, not one with accents
# Scripts written without spaces between words.
CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3041-\u3096\u309d-\u30fa\u30fc-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{CJK}]+")


class _Folds(dict[int, str]):
    """What each character becomes; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_one(chr(code))
        return folded


def _fold_one(character: str) -> str:
    """Letters and digits; nothing for marks and what is invisible; a space for everything else."""
    if character in _VOICING:
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return unicodedata.normalize("NFC", "".join(map(_letter, plain)))


def _letter(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind[0] in "LN" or character in _VOICING:
        return character
    if kind[0] == "M":
        return character if _is_vowel(character) else ""
    return "" if kind == "Cf" else " "


def _is_vowel(mark: str) -> bool:
    """In the scripts of India and their neighbours vowels are marks, but no accents: those combine."""
    name = unicodedata.name(mark, "")
    return not unicodedata.combining(mark) and "VOWEL SIGN" in name


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The words of the text, folded, with one space between them."""
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDS)
    return " ".join(unicodedata.normalize("NFC", folded).split())


def tokens(text: str) -> list[str]:
    """What is looked up: words, and for runs without spaces each pair of letters and the last one alone."""
    folded = fold(text)
    if not folded.isascii():
        folded = _RUN.sub(_pairs, folded)
    return [token[:LONGEST_TOKEN] for token in folded.split()]


def is_cjk(token: str) -> bool:
    return _RUN.match(token) is not None


def by_character(text: str) -> Iterator[str]:
    """What each character of the text folds to: as many as it has characters, spaces for separators."""
    return (_FOLDS[ord(character)] for character in text)


def folded_alike(text: str) -> str:
    """What all characters of the text fold to, as `by_character` tells one by one."""
    return text.translate(_FOLDS)


def _pairs(run: re.Match[str]) -> str:
    letters = run[0]
    return f" {' '.join(letters[at : at + 2] for at in range(len(letters)))} "
