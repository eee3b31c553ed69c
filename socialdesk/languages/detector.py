"""langdetect, made to give the same answer every time and in every thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import langdetect
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException


@dataclass(frozen=True, slots=True)
class Guess:
    """A language as the detector names it (ISO 639-1, zh-cn), with its probability."""

    code: str
    probability: float


@cache
def _factory() -> DetectorFactory:
    DetectorFactory.seed = (
        0  # it draws random n-grams; unseeded, short texts change language from call to call
    )
    factory = DetectorFactory()
    factory.load_profile(str(Path(langdetect.__file__).with_name("profiles")))
    return factory


def guesses(cleaned: str) -> list[Guess]:
    """Likeliest first; empty when the text has no feature that any profile knows."""
    detector = _factory().create()
    detector.append(cleaned)
    try:
        found = detector.get_probabilities()
    except LangDetectException:
        return []
    return [Guess(str(guess.lang), float(guess.prob)) for guess in found]


def warm_up() -> None:
    """Load the profiles now instead of at the first message (about a second)."""
    _factory()
