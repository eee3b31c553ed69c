"""The thirteen languages the desk answers in, and the two words for everything else."""

from __future__ import annotations

from dataclasses import dataclass

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


def name_of(code: str) -> str:
    """The English name of a stored language, `other` and `und` included."""
    if code in LANGUAGES:
        return LANGUAGES[code].name
    return "Unknown" if code == UNDETERMINED else "Other"


def is_rtl(code: str) -> bool:
    return code in LANGUAGES and LANGUAGES[code].rtl
