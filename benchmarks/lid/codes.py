"""One language, one code, whichever of its codes a library prefers."""

from __future__ import annotations

from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED

# "No language" as the libraries say it: unknown (CLD2: un, and xxx for what it ignores), ISO 639-2's zxx.
_NOTHING = frozenset({"", "none", "un", "und", "unk", "unknown", "xxx", "zxx"})
_THREE_LETTERS = {
    "ita": "it",
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "spa": "es",
    "por": "pt",
    "fra": "fr",
    "fre": "fr",
    "jpn": "ja",
    "tur": "tr",
    "nld": "nl",
    "dut": "nl",
    "pol": "pl",
    "ces": "cs",
    "cze": "cs",
    "swe": "sv",
}
# Standard Arabic and the spoken ones, which ISO 639-3 keeps apart and the desk does not.
_ARABIC = "acm acq acw acx aeb aec afb ajp apc apd ara arb arq ars ary arz avl ayl ayn ayp shu"
_NORWEGIAN = "no nn nno nob nor"
_SAME = {
    **_THREE_LETTERS,
    **dict.fromkeys(_ARABIC.split(), "ar"),
    **dict.fromkeys(_NORWEGIAN.split(), "nb"),
    "iw": "he",
    "heb": "he",
    "in": "id",
    "jp": "ja",
    "cmn": "zh",
    "zho": "zh",
}


def plain(code: str) -> str:
    """Without script and region, and Norwegian, Arabic, Hebrew … by one code each: zh-TW → zh, no → nb."""
    first = code.strip().lower().replace("_", "-").split("-")[0]
    return _SAME.get(first, first)


def as_the_desk_says(code: str) -> str:
    """One of the thirteen, `other`, or `und` for whatever word means that nothing was found."""
    language = plain(code)
    if language in _NOTHING:
        return UNDETERMINED
    return language if language in LANGUAGES else OTHER
