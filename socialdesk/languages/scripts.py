"""What the letters alone settle: scripts that one language is written in, or none of the thirteen."""

from __future__ import annotations

import unicodedata

import regex

_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_JAPANESE = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}]")
_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
# Letters of scripts that none of the thirteen is written in.
_FOREIGN = regex.compile(r"[^\P{L}\p{Latin}\p{Arabic}\p{Han}\p{Hiragana}\p{Katakana}\p{Common}\p{Inherited}]")
_LATIN_FOR_ONE = 3  # so many Latin letters say as much as one Japanese
_SENTENCE = 8  # Japanese letters; fewer are a name or a dish

# By the first word of the letters' Unicode names; Cyrillic is the detectors' to tell apart where they can.
_LANGUAGE_OF = {
    "CYRILLIC": "ru",
    "HANGUL": "ko",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "LAO": "lo",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ORIYA": "or",
    "SINHALA": "si",
    "KHMER": "km",
    "MYANMAR": "my",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "TIBETAN": "bo",
    "MONGOLIAN": "mn",
}


def is_japanese(cleaned: str) -> bool:
    """Kana, which only Japanese is written with, and not just a word of it in another language's text."""
    if cleaned.isascii() or not _KANA.search(cleaned):
        return False
    return len(_JAPANESE.findall(cleaned)) * _LATIN_FOR_ONE >= len(_LATIN.findall(cleaned))


def has_japanese_sentence(cleaned: str) -> bool:
    """More than a word of Japanese, whatever stands around it."""
    if cleaned.isascii() or not _KANA.search(cleaned):
        return False
    return len(_JAPANESE.findall(cleaned)) >= _SENTENCE


def without_japanese(cleaned: str) -> str:
    return _JAPANESE.sub(" ", cleaned)


def foreign(cleaned: str) -> str | None:
    """The likeliest language of a text mostly in a script that none of the thirteen uses.

    `und` for a script that nothing is known about; None when the letters leave it open.
    """
    if cleaned.isascii():
        return None
    letters = _FOREIGN.findall(cleaned)
    if not letters or len(letters) * 2 <= len(_LETTER.findall(cleaned)):
        return None
    script = unicodedata.name(letters[len(letters) // 2], "").split(" ")[0]
    return _LANGUAGE_OF.get(script, "und")
