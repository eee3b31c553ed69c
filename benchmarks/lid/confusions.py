"""Which language is taken for which, counted by the language a text is really in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.lid import codes
from benchmarks.lid.scores import Judged
from socialdesk.languages import LANGUAGES, OTHER

NEIGHBOURS = (
    ("es", "pt"),
    ("sv", "da", "nb"),
    ("cs", "sk"),
    ("nl", "af", "de"),
    ("it", "es"),
    ("ar", "fa"),
    ("ja", "zh"),
)
MOST_FREQUENT = 10


@dataclass(frozen=True, slots=True)
class Confusion:
    """So many texts really in `lang` were answered `answer`."""

    lang: str
    answer: str
    texts: int


@dataclass(frozen=True, slots=True)
class Confusions:
    """`texts` are those really in one of `languages`, `confused` is what of them was taken for what."""

    languages: tuple[str, ...]
    texts: int
    confused: list[Confusion]

    @property
    def number(self) -> int:
        """Of the confused texts."""
        return sum(each.texts for each in self.confused)


def most_frequent(judged: Iterable[Judged]) -> list[Confusion]:
    return _counted(judged)[:MOST_FREQUENT]


def neighbours(judged: Sequence[Judged]) -> list[Confusions]:
    """Languages easily taken for each other.

    The desk answers `other` for those it does not serve, so sv → other counts among sv, da and nb.
    """
    return [
        _confusions(judged, languages, {codes.as_the_desk_says(language) for language in languages})
        for languages in NEIGHBOURS
    ]


def false_accepts(judged: Sequence[Judged]) -> list[Confusions]:
    """Texts in other languages taken for one of the thirteen, by language; the most accepted first."""
    others = [each for each in judged if each.line.label == OTHER]
    languages = sorted({codes.plain(each.line.lang) for each in others})
    found = [_confusions(others, (language,), LANGUAGES) for language in languages]
    return sorted((each for each in found if each.confused), key=lambda each: -each.number)


def _confusions(judged: Sequence[Judged], languages: tuple[str, ...], answers: Container[str]) -> Confusions:
    theirs = [each for each in judged if codes.plain(each.line.lang) in languages]
    return Confusions(languages, len(theirs), _counted(each for each in theirs if each.language in answers))


def _counted(judged: Iterable[Judged]) -> list[Confusion]:
    """Only what is wrong; the most frequent first, and by their codes where they are as frequent."""
    found = Counter((codes.plain(each.line.lang), each.language) for each in judged if not each.is_right)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(lang, answer, texts) for (lang, answer), texts in ranked]
