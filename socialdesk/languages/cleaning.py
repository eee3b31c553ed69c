"""What of a post is language: everything but the names, links, numbers and cries around it.

Every pattern is possessive and begins only where a word does, so hostile text costs no more than its
length. The stdlib's `re` matches possessive groups wrongly before 3.11.5: hence `regex`.
"""

from __future__ import annotations

import re
import unicodedata

import regex

from socialdesk.languages.everywhere import said_everywhere

_READ = 4_000  # characters; more say nothing new about the language
_KEPT = 1_000
_SHORT = 12  # words; in such a text a brand's name or a cry would outweigh the rest
_MOST_MARKS = 3  # on one letter; no language has more, and normalising a thousand takes a million steps

_LINK = regex.compile(r"https?://\S++|\bwww\.\S++")
_E_MAIL = regex.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
_HANDLE = regex.compile(r"[@＠]\w++")
_HASHTAG = regex.compile(r"[#＃]\w++")
_HUMP = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})")
_CODE = regex.compile(r"(?<![A-Za-z0-9-])(?=[A-Za-z-]*+[0-9])[A-Za-z0-9-]++")  # order numbers, models
_ENTITY = regex.compile(r"&(?:amp|lt|gt|quot);")
_REST = regex.compile(r"[^\p{L}\p{M}\s'’.,!?¿¡。、！？؟،-]++")
_DIGIT = regex.compile(r"[0-9]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1\1")  # sooooo: the stdlib's is three times as fast at looking
_DRAWL = regex.compile(r"(\p{L})\1{2,}+")
_PILED_MARKS = regex.compile(rf"(\p{{M}}{{{_MOST_MARKS}}})\p{{M}}++")
# Arabic and Latin in the shapes of old code pages, full-width and mathematical Latin, half-width kana.
_ODD_SHAPES = regex.compile(r"[\ufb00-\ufdff\ufe70-\ufefc\uff21-\uff9f\U0001d400-\U0001d7ff]")
# One kana alone among other things is a face: ¯\_(ツ)_/¯; so is a letter of a script far from all around it.
_FACE = regex.compile(
    r"(?<![\p{Hiragana}\p{Katakana}\p{Han}ー])[\p{Hiragana}\p{Katakana}]"
    r"(?![\p{Hiragana}\p{Katakana}\p{Han}ー])"
    r"|ಠ[\p{L}_]?ಠ|(?<!\p{L})[\p{Greek}\p{Cyrillic}\p{Kannada}](?=[(_])|(?<=[_)])\p{Cyrillic}(?!\p{L})"
)
_LATIN_FACE = regex.compile(  # o_O, T_T
    r"(?<![\p{L}\p{N}_])(?:[oOuU0][_.][oOuU0]|[TQ;][_.][TQ;]|[xX><][_.][xX><])(?![\p{L}_])"
)
_QUOTATION = regex.compile(r"\"[^\"]{2,}+\"|“[^“”]{2,}+”|„[^„“”]{2,}+[“”]|«[^«»]{2,}+»")
_FEWEST_AROUND = 2  # words around a quotation that tell what its quoter writes
_TWO_LETTERS = regex.compile(r"\p{L}[^\p{L}]*+\p{L}")
_EDGES = "'’.,!?¿¡。、！？؟،-"


def clean(text: str) -> str:
    """The words alone, at most a thousand characters of them; ALL CAPITALS are folded.

    Empty when there is no language in it: links, numbers, emoji, brand names, "ok", "haha".
    """
    words = _outside_quotations(text[:_READ])
    cleaned = " ".join(words)[:_KEPT]
    return cleaned.replace("İ", "i").lower() if cleaned.isupper() else cleaned


def has_words(cleaned: str) -> bool:
    """Whether there are letters enough, which is two, to say anything at all."""
    return _TWO_LETTERS.search(cleaned) is not None


def _outside_quotations(text: str) -> list[str]:
    """Without quotations, which are in somebody else's language, where enough is left around them."""
    outside = _QUOTATION.sub(" ", text)
    if outside != text and len(around := _uncommon(_words(outside).split())) >= _FEWEST_AROUND:
        return around
    return _uncommon(_words(text).split())


def _uncommon(words: list[str]) -> list[str]:
    if len(words) > _SHORT:
        return words
    return [word for word in words if not said_everywhere(word.strip(_EDGES))]


def _words(text: str) -> str:
    if not text.isascii():
        text = _plain_shapes(text)
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "@" in text or "＠" in text:
        text = _HANDLE.sub(" ", _E_MAIL.sub(" ", text))
    if "#" in text or "＃" in text:
        text = _HASHTAG.sub(lambda tag: _unfolded(tag[0][1:]), text)
    if "_" in text or "." in text:
        text = _LATIN_FACE.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    if _DIGIT.search(text):
        text = _CODE.sub(" ", text)
    text = _REST.sub(" ", text)
    return _DRAWL.sub(r"\1", text) if _DRAWN_OUT.search(text) else text


def _unfolded(tag: str) -> str:
    """The words of a hashtag, cut where a capital begins; a brand stays whole, to be known as one."""
    return tag if said_everywhere(tag.rstrip("0123456789")) else " ".join(_HUMP.split(tag))


def _plain_shapes(text: str) -> str:
    text = _PILED_MARKS.sub(r"\1", text)
    if _ODD_SHAPES.search(text):
        text = unicodedata.normalize("NFKC", text)
    return _FACE.sub(" ", text)
