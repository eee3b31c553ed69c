"""What of a post is language: everything but the names, links and numbers around it."""

from __future__ import annotations

import regex

# Possessive, and each part begins only where a word does: hostile text costs no more than its length.
_NOISE = regex.compile(
    r"https?://\S++"
    r"|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"  # e-mail addresses
    r"|[@＠]\w++"
    r"|(?<![A-Za-z0-9-])(?=[A-Za-z-]*+\d)[A-Za-z0-9-]++"  # order numbers and product codes
    r"|[^\p{L}\p{M}\s'’.,!?¿¡。、！？؟،-]++",
)
_LETTER = regex.compile(r"\p{L}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_LONG_ENOUGH = 1_000  # characters; more say nothing new about the language
FEWEST_LETTERS = 2


def clean(text: str) -> str:
    """The words alone, at most some thousand characters of them; ALL CAPITALS are folded."""
    words = " ".join(_NOISE.sub(" ", text[: _LONG_ENOUGH * 4]).split())[:_LONG_ENOUGH]
    return words.lower() if words.isupper() else words


def has_words(cleaned: str) -> bool:
    """Whether there are letters enough to say anything at all."""
    return sum(1 for _ in _LETTER.finditer(cleaned)) >= FEWEST_LETTERS


def has_kana(text: str) -> bool:
    """Hiragana and katakana are written in Japanese only."""
    return _KANA.search(text) is not None
