"""The thirteen languages the desk answers in, and the two words for everything else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from socialdesk import phrases
from socialdesk.languages.names import NAMES
from socialdesk.phrases import gettext as _

OTHER = "other"  # a language, but none of the thirteen
UNDETERMINED = "und"  # nothing to go by (BCP 47's own word)


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is BCP 47; `name` is English, for agents; `own_name` is what its speakers call it."""

    code: str
    name: str
    own_name: str
    rtl: bool = False


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("it", "Italian", "italiano"),
        Language("en", "English", "English"),
        Language("de", "German", "Deutsch"),
        Language("es", "Spanish", "español"),
        Language("pt", "Portuguese", "português"),
        Language("fr", "French", "français"),
        Language("ja", "Japanese", "日本語"),
        Language("tr", "Turkish", "Türkçe"),
        Language("nl", "Dutch", "Nederlands"),
        Language("pl", "Polish", "polski"),
        Language("cs", "Czech", "čeština"),
        Language("sv", "Swedish", "svenska"),
        Language("ar", "Arabic", "العربية", rtl=True),
    )
}

# What detectors and X call by other names than ISO 639-1 does, and written forms and dialects of one
# language. None: not a language at all.
_PLAIN: dict[str, str | None] = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "nb": "no",
    "nn": "no",
    "arz": "ar",
    "ary": "ar",
    "yue": "zh",
    "wuu": "zh",
    "uzs": "uz",
    "fil": "tl",
    "mul": None,
    "mis": None,
    "zxx": None,
    "art": None,
    "und": None,
    "xx": None,
}


@lru_cache(maxsize=1_000)
def plain(code: str | None) -> str | None:
    """The language of a tag without region or script, by its ISO 639 code; None for what is no language.

    X's own q-codes (qme, qht, …: media, hashtags) are none.
    """
    base = (code or "und").replace("_", "-").split("-")[0].lower()
    if len(base) == 3 and base.startswith("q"):
        return None
    return _PLAIN.get(base, base or None)


def name_of(code: str) -> str:
    """The name of any language, in the reader's; `other` and `und` have one too."""
    if code == UNDETERMINED:
        # To translate: a language that nobody knows.
        return _("Unknown")
    name = LANGUAGES[code].name if code in LANGUAGES else NAMES.get(code)
    # To translate: a language that is none of the desk's, or a topic that is none of the others.
    return _in_readers_words(code, name) if name else _("Other")


def _in_readers_words(code: str, name: str) -> str:
    if phrases.reader() == phrases.SOURCE:
        return name
    return str(phrases.locale().languages.get(code, name))


def name_with_found(code: str, found: str | None) -> str:
    """The name of a stored language; for an `other` also which one was found: "Other (Danish)"."""
    if code != OTHER or found not in NAMES:
        return name_of(code)
    # To translate: a language that is none of the desk's, and which one: Other (Danish).
    return _("Other (%(language)s)", language=name_of(found))


def is_rtl(code: str) -> bool:
    return code in LANGUAGES and LANGUAGES[code].rtl
