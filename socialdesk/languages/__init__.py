"""Which language a text is in, and how sure that is."""

from socialdesk.languages.codes import (
    LANGUAGES,
    OTHER,
    UNDETERMINED,
    Language,
    is_rtl,
    name_of,
    name_with_found,
)
from socialdesk.languages.context import Context
from socialdesk.languages.evidence import Evidence, detect, warm_up

__all__ = [
    "LANGUAGES",
    "OTHER",
    "UNDETERMINED",
    "Context",
    "Evidence",
    "Language",
    "detect",
    "is_rtl",
    "name_of",
    "name_with_found",
    "warm_up",
]
