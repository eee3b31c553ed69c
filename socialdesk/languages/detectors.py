"""Other people's detectors behind one small protocol, each with the same answer every time.

The first opinion is eldc's: 230,000 texts a second and the most accurate of seven. The second, asked only
where the first is unsure, is py3langid's, which knows twice as many languages. Where neither can be
installed langdetect answers alone. `docs/languages.md` has the measurements behind that choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from socialdesk.languages.codes import plain

MOST_FIRST, MOST_SECOND = 5, 20  # languages of an opinion that are listened to
_MOST_EXPECTED = 20  # places in which an expected language is looked for


class Detector(Protocol):
    """`knows` are the plain codes it can answer with."""

    name: str
    knows: frozenset[str]

    def opinion(self, cleaned: str, expected: Collection[str] = (), /) -> Mapping[str, float]:
        """A score from 0 to 1 by plain code; empty when it has nothing to say. Safe in any thread.

        An expected language is told of even where many others are likelier: "no" is in twenty languages.
        """


class Eldc:
    """Scores of a likeness, each by itself: they do not sum to one."""

    name = "eldc"

    def __init__(self) -> None:
        import eldc

        eldc.init()
        self.knows = _plain(eldc.LANGUAGES)
        self._instance = eldc.instance()
        self._instance.set_scores(_MOST_EXPECTED)

    def opinion(self, cleaned: str, expected: Collection[str] = (), /) -> Mapping[str, float]:
        scores: Mapping[str, float] = self._instance.detect_details(cleaned).scores  # the best first
        if len(scores) <= MOST_FIRST:
            return scores
        best = dict(islice(scores.items(), MOST_FIRST))
        return best | {code: scores[code] for code in expected if code in scores}


class Py3langid:
    """Probabilities over all it knows, made even on short texts by its own norm."""

    name = "py3langid"

    def __init__(self) -> None:
        import numpy
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        class Identifier(LanguageIdentifier):  # type: ignore[misc]
            """Without `rank`'s sorting of all its 130 languages, which takes a third of the time."""

            def likeliest(self, cleaned: str) -> list[tuple[str, float]]:
                scores = self._decide(cleaned)
                best = numpy.argpartition(scores, -MOST_SECOND)[-MOST_SECOND:]
                return list(zip([self.nb_classes[each] for each in best], scores[best].tolist(), strict=True))

        self._identifier = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.knows = _plain(self._identifier.labels)

    def opinion(self, cleaned: str, _expected: Collection[str] = (), /) -> Mapping[str, float]:
        return _folded(self._identifier.likeliest(cleaned))


class Langdetect:
    """Probabilities of at most a handful of languages; 6 ms a text."""

    name = "langdetect"

    def __init__(self) -> None:
        import langdetect
        from langdetect.detector_factory import DetectorFactory

        # It draws n-grams at random: unseeded, short texts change language from call to call.
        DetectorFactory.seed = 0
        self._factory = DetectorFactory()
        self._factory.load_profile(str(Path(langdetect.__file__).with_name("profiles")))
        self.knows = _plain(self._factory.get_lang_list())

    def opinion(self, cleaned: str, _expected: Collection[str] = (), /) -> Mapping[str, float]:
        from langdetect.lang_detect_exception import LangDetectException

        detector = self._factory.create()
        detector.append(cleaned)
        try:
            found: list[Any] = detector.get_probabilities()
        except LangDetectException:
            return {}
        return _folded([(str(guess.lang), float(guess.prob)) for guess in found])


def _plain(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(known for code in codes if (known := plain(code)))


def _folded(opinion: list[tuple[str, float]]) -> dict[str, float]:
    """By plain code; dialects and written forms of one language are added up."""
    scores: dict[str, float] = {}
    for code, score in opinion:
        if known := plain(code):
            scores[known] = min(1.0, scores.get(known, 0.0) + score)
    return scores


@cache
def first() -> Detector:
    """The best that is installed."""
    try:
        return Eldc()
    except ImportError:
        return Langdetect()


@cache
def second() -> Detector | None:
    """Who is asked where the first is unsure; langdetect beside itself or beside eldc adds nothing."""
    if first().name != Eldc.name:
        return None
    try:
        return Py3langid()
    except ImportError:
        return None
