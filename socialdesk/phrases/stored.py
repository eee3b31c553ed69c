"""Sentences that were stored in English, told again in the language of whoever reads them now."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from socialdesk import phrases
from socialdesk.phrases import gathering

_VALUE = re.compile(r"%\(([a-z_]+)\)s")
_BETWEEN = re.compile(r"(?<=[.!?])\s+")
_LEAST = 8  # letters of its own: a sentence with fewer would be found in others


def retold(stored: str) -> str:
    """As the reader reads it; what none of the desk's sentences is, such as X's own words, stays as it is."""
    if not stored or phrases.reader() == phrases.SOURCE:
        return stored
    return _retold(stored, phrases.reader())


@lru_cache(maxsize=1000)
def _retold(stored: str, language: str) -> str:
    known = phrases.bare(stored)
    if known != stored:
        return known % {}
    return _filled(stored, language, whole=True) or _each(stored) or _filled(stored, language) or stored


def _filled(stored: str, language: str, *, whole: bool = False) -> str | None:
    """As a sentence with values; when it has to be a `whole` one, none of them holds the end of another."""
    for pattern, sentence in _patterns(language):
        found = pattern.fullmatch(stored)
        if found and not (whole and any(map(_BETWEEN.search, found.groups()))):
            values = {name: retold(value) for name, value in found.groupdict().items()}
            return phrases.gettext(sentence, **values)
    return None


def _each(stored: str) -> str | None:
    """Sentence by sentence, if each of them is one of the desk's: they were stored together."""
    sentences = _BETWEEN.split(stored)
    if len(sentences) < 2:
        return None
    told = [retold(each) for each in sentences]
    known = all(one != other for one, other in zip(sentences, told, strict=True))
    return " ".join(told) if known else None


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Of the sentences with values in them; those that say the most themselves come first."""
    catalog = gathering.translations(language)
    told = [str(each.id) for each in catalog if each.string and not each.pluralizable]
    own = {each: len(_VALUE.sub("", each)) for each in told if _VALUE.search(each)}
    ordered = sorted((each for each in own if own[each] >= _LEAST), key=lambda each: -own[each])
    return [(_pattern(each), each) for each in ordered if _unlike(each)]


def _unlike(sentence: str) -> bool:
    """Whether each of its values has a name of its own."""
    names = _VALUE.findall(sentence)
    return len(names) == len(set(names))


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _VALUE.split(sentence)  # words and names by turns
    told = [
        f"(?P<{piece}>.+)" if turn % 2 else re.escape(piece.replace("%%", "%"))
        for turn, piece in enumerate(pieces)
    ]
    return re.compile("".join(told), re.DOTALL)
