"""Which language a text is in; accuracy is measured in benchmarks/, this is what must always hold."""

from __future__ import annotations

import pytest

from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, detect, detectors, is_rtl, name_of
from tests.languages.sentences import PLAIN


def test_there_are_thirteen() -> None:
    assert len(LANGUAGES) == 13
    assert PLAIN.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("code", PLAIN)
def test_each_of_the_thirteen_is_found(code: str) -> None:
    found = detect(PLAIN[code])
    assert (found.language, found.code) == (code, code)
    assert found.confidence > 0.9
    assert found.runner_up != code


def test_languages_are_named_in_english() -> None:
    assert name_of("de") == "German"
    assert name_of("da") == "Danish"
    assert name_of(OTHER) == "Other"
    assert name_of(UNDETERMINED) == "Unknown"
    assert name_of("xx") == "Other"


@pytest.mark.parametrize("detector", [detectors.Eldc, detectors.Py3langid, detectors.Langdetect])
def test_every_language_a_detector_knows_has_a_name(detector: type[detectors.Detector]) -> None:
    assert [code for code in detector().knows if name_of(code) == "Other"] == []


def test_only_arabic_is_written_from_the_right() -> None:
    assert [code for code in (*LANGUAGES, OTHER, "he") if is_rtl(code)] == ["ar"]
