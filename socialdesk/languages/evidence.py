"""The one question the desk asks of a text, and the record that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from socialdesk.languages import cleaning, detector
from socialdesk.languages.codes import LANGUAGES, OTHER, UNDETERMINED


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a text's language.

    `language` is one of the thirteen codes, `other` or `und`; `confidence` runs from 0 to 1; `runner_up`
    is the detector's second choice, by its own code; `source` is `script`, `detector` or `none`.
    """

    language: str
    confidence: float
    runner_up: str | None
    source: str


NOTHING_TO_GO_BY = Evidence(UNDETERMINED, 0.0, None, "none")
KANA = Evidence("ja", 1.0, None, "script")


def detect(text: str) -> Evidence:
    """The language of any text whatever; never raises.

    Kana settle the matter (only Japanese is written with them); without two letters there is nothing
    to go by; the rest is langdetect's to tell.
    """
    cleaned = cleaning.clean(text)
    if not cleaning.has_words(cleaned):
        return NOTHING_TO_GO_BY
    if cleaning.has_kana(cleaned):
        return KANA
    guesses = detector.guesses(cleaned)
    if not guesses:
        return NOTHING_TO_GO_BY
    first = guesses[0]
    language = first.code if first.code in LANGUAGES else OTHER
    return Evidence(
        language,
        round(min(first.probability, 1.0), 4),
        guesses[1].code if len(guesses) > 1 else None,
        "detector",
    )


warm_up = detector.warm_up
