"""Words of one language that detectors misread: chat abbreviations, and what near relatives do not share.

A few of each are enough: they only tip the scales where the text says little else.
"""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {
    "pt": "blz vlw obg pqp vc vcs tbm tb mds",
    "tr": "slm tşk tşkler tmm eyw nbr",
    "fr": "bjr slt dsl mdr svp stp tkt bsr",
    "nl": "mvg gvd aub",
    "de": "mfg lg vg",
    "sv": "mvh",
    "pl": "pozdro pzdr",
    "cs": "prosim zdravim diky dekuji dekuju nevim muzu tydny zlodeji jsem jsme",
    "af": "julle hoekom baie asseblief dankie pakkie",
    "gl": "unha moito moita moitas moitos tamén grazas teño ningunha cartos",
    "az": "niyə deyil salam təşəkkür sifarişim sifarisim",
}
_LANGUAGE_OF = {word: code for code, words in _WORDS.items() for word in words.split()}
_POINTS = 8.0  # for a word, as natural logarithms of odds
_MOST = 12.0
_EDGES = "'’.,!?¿¡،-"


def points(cleaned: str) -> Mapping[str, float]:
    """How much each language gains by such words, by plain code."""
    gained: dict[str, float] = {}
    for word in cleaned.lower().split():
        if code := _LANGUAGE_OF.get(word.strip(_EDGES)):
            gained[code] = min(_MOST, gained.get(code, 0.0) + _POINTS)
    return gained
