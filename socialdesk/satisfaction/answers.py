"""What a customer's few words answer to the closing question; whoever has more to say writes a message."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from socialdesk.folding import fold
from socialdesk.satisfaction.words import NO, SIGNS_OF_NO, SIGNS_OF_YES, YES

LONGEST = 40  # characters
HELPED_FROM = 4  # of five
_DRESS = regex.compile(r"[\s\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff.!！。…]+")  # skin, space and stress
_SCORE = regex.compile(r"([1-5])(?: 5| von 5| of 5| out of 5| su 5| sur 5| de 5| z 5)?")
_STARS = regex.compile(r"(?:⭐|★|🌟){1,5}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether we could help; `score` is one to five where the customer gave one."""

    helped: bool
    score: int | None = None

    @property
    def complains(self) -> bool:
        """Rather than finding it middling."""
        return not self.helped and (self.score is None or self.score < HELPED_FROM - 1)


def understood(text: str) -> Verdict | None:
    """None for whatever has more to say, and when in doubt; the language plays no part."""
    if not text.strip() or len(text) > LONGEST or "?" in text or "？" in text or "؟" in text:
        return None
    return _by_sign(_DRESS.sub("", text)) or _by_word(fold(text))


def _by_sign(signs: str) -> Verdict | None:
    if signs and set(signs) <= set(SIGNS_OF_YES):
        return Verdict(True)
    if signs and set(signs) <= set(SIGNS_OF_NO):
        return Verdict(False)
    return _scored(len(signs)) if _STARS.fullmatch(signs) else None


def _by_word(folded: str) -> Verdict | None:
    if folded in _FOLDED_YES:
        return Verdict(True)
    if folded in _FOLDED_NO:
        return Verdict(False)
    score = _SCORE.fullmatch(folded)
    return _scored(int(score[1])) if score else None


def _scored(score: int) -> Verdict:
    return Verdict(score >= HELPED_FROM, score)


def _folded(words: dict[str, str]) -> frozenset[str]:
    return frozenset(fold(each) for of in words.values() for each in of.split("|"))


_FOLDED_YES, _FOLDED_NO = _folded(YES), _folded(NO)
