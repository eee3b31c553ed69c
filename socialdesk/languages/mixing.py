"""Texts in two languages: a customer who writes twice, for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from socialdesk.languages import scripts
from socialdesk.languages.codes import LANGUAGES
from socialdesk.languages.detectors import Detector
from socialdesk.languages.weighing import decades, of_the_desk, weigh, weights_for

_WORD = regex.compile(r"\p{L}++")
_SENTENCE = regex.compile(r"[^.!?。！？؟]++")
_FEWEST_LETTERS = 16  # of a part that is heard by itself
_FEWEST_WORDS = 6  # of a text that is cut in two where it has no full stop
_FEWEST_BESIDE = 4  # words beside Japanese; fewer are a product's name
_CLEAR = 0.98
# Two languages keep the best of eldc's scores below that, and the next one near; four of five texts in one
# language need not be cut up at all.
_MIXED_BELOW, _MIXED_WITHIN = 0.9, 0.25


def may_be_mixed(heard: Mapping[str, float]) -> bool:
    """Whether the whole text's opinion leaves room for a second language."""
    best = sorted(heard.values(), reverse=True)[:2]
    return len(best) == 2 and best[0] < _MIXED_BELOW and best[0] - best[1] < _MIXED_WITHIN


def languages_in(cleaned: str, detector: Detector) -> set[str]:
    """The languages that parts of the text are clearly in; more than one only where it is mixed."""
    found = (_clear(part, detector) for part in _parts(cleaned) if len(part) >= _FEWEST_LETTERS)
    return {code for code in found if code}


def beside_japanese(cleaned: str, detector: Detector) -> str | None:
    """The language that a Japanese text's other letters are clearly in."""
    rest = scripts.without_japanese(cleaned)
    if len(_WORD.findall(rest)) < _FEWEST_BESIDE:
        return None
    return _clear(" ".join(rest.split()), detector)


def _parts(cleaned: str) -> list[str]:
    sentences = [part for part in _SENTENCE.findall(cleaned) if part.strip()]
    if len(sentences) > 1:
        return sentences
    words = cleaned.split()
    if len(words) < _FEWEST_WORDS:
        return []
    middle = len(words) // 2
    return [" ".join(words[:middle]), " ".join(words[middle:])]


def _clear(part: str, detector: Detector) -> str | None:
    heard = detector.opinion(part)
    weights = weights_for(detector, both=False)
    told = of_the_desk(weigh(heard, {}, decades(len(part)), weights, detector.knows, {}))
    best = max(told, key=lambda code: told[code])
    return best if best in LANGUAGES and told[best] >= _CLEAR else None
