"""Words as they are compared: small letters without accents, and Arabic letters in one spelling."""

from __future__ import annotations

import re
import unicodedata

import regex

KANA_OR_HAN = r"\p{Han}\p{Hiragana}\p{Katakana}ーｰﾞﾟ"

# Links and names say nothing; what is written without spaces is one token, to be searched for its parts.
_TOKEN = regex.compile(
    rf"(?:https?://|www\.)\S++|[@＠]\w++|([{KANA_OR_HAN}]++)|((?:(?![{KANA_OR_HAN}])[\p{{L}}\p{{N}}\p{{M}}])++)"
)
# What NFKD does not take apart, and Arabic letters that writers use for one another.
_ALIKE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ة": "ه", "ى": "ي", "ـ": ""}
)
_CLUSTER = regex.compile(r".[\p{M}ﾞﾟ]*+", regex.DOTALL)


# Five times as fast, for texts in Latin letters in which no mark stands by itself.
_MARKS_AND_OTHER_SCRIPTS = re.compile(
    "[\u0300-\u1dff\u20d0-\u20ff\u2e80-\ud7ff\uf900-\uffff\U00020000-\U0010ffff]"
)
_LATIN_TOKEN = re.compile(r"(?:https?://|www\.)\S+|@\w+|([^\W_]+)")


def tokens(text: str) -> list[tuple[int, int, bool]]:
    """Start, end, and whether it is written without spaces between its words."""
    if not _MARKS_AND_OTHER_SCRIPTS.search(text):
        return [(*match.span(), False) for match in _LATIN_TOKEN.finditer(text) if match.lastindex]
    return [(*match.span(), match.lastindex == 1) for match in _TOKEN.finditer(text) if match.lastindex]


def fold_word(word: str) -> str:
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_ALIKE)


def fold_run(run: str) -> str:
    """Japanese keeps its voicing marks, for が is not か; half and full width are one."""
    return unicodedata.normalize("NFKC", run)


def places(run: str) -> list[int]:
    """For each character of the folded run, and its end, the place in the run itself."""
    found: list[int] = []
    for cluster in _CLUSTER.finditer(run):
        found += [cluster.start()] * len(fold_run(cluster[0]))
    return [*found, len(run)]
