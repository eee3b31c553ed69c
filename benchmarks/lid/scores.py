"""How right the answers are: in figures for every detector, and in full for one."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from benchmarks.lid import codes
from benchmarks.lid.detectors import Answer
from benchmarks.lid.labelled import Labelled
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED

CLASSES = (*LANGUAGES, OTHER)
LENGTHS = (10, 25, 50, 100)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled text with the answer it got: one of the thirteen, `other` or `und`."""

    line: Labelled
    language: str
    confidence: float | None = None

    @property
    def is_right(self) -> bool:
        return self.language == self.line.label


@dataclass(frozen=True, slots=True)
class Share:
    """`share` is None of nothing."""

    of: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Rightness:
    """`texts` have the label, `answered` got it as answer, `right` are both; a precision of nothing is 0."""

    texts: int
    answered: int
    right: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What every detector is compared by; `und` is of the texts labelled so."""

    macro_f1: float
    real_posts: Share
    others_accepted: Share
    und: Share


def judge(lines: Sequence[Labelled], answers: Sequence[Answer]) -> list[Judged]:
    return [
        Judged(line, codes.as_the_desk_says(code), confidence)
        for line, (code, confidence) in zip(lines, answers, strict=True)
    ]


def figures(judged: Sequence[Judged]) -> Figures:
    return Figures(
        macro_f1=macro_f1(judged),
        real_posts=_right(each for each in judged if each.line.is_real and each.line.label in LANGUAGES),
        others_accepted=_share(each.language in LANGUAGES for each in judged if each.line.label == OTHER),
        und=_right(each for each in judged if each.line.label == UNDETERMINED),
    )


def macro_f1(judged: Sequence[Judged]) -> float:
    """The mean F1 of the thirteen and `other`, of those that the file has; 0 when it has only `und`."""
    of_classes = [found.f1 for language, found in by_language(judged).items() if language != UNDETERMINED]
    return sum(of_classes) / len(of_classes) if of_classes else 0.0


def by_language(judged: Sequence[Judged]) -> dict[str, Rightness]:
    """For every label that the file has: the thirteen in the desk's order, `other`, `und`."""
    found = {language: _rightness(judged, language) for language in (*CLASSES, UNDETERMINED)}
    return {language: rightness for language, rightness in found.items() if rightness.texts}


def _rightness(judged: Sequence[Judged], language: str) -> Rightness:
    texts = sum(each.line.label == language for each in judged)
    answered = sum(each.language == language for each in judged)
    right = sum(each.is_right for each in judged if each.language == language)
    return Rightness(
        texts,
        answered,
        right,
        precision=right / answered if answered else 0.0,
        recall=right / texts if texts else 0.0,
        f1=2 * right / (texts + answered) if texts + answered else 0.0,
    )


def by_source(judged: Sequence[Judged]) -> dict[str, Share]:
    return dict(sorted(_right_by(judged, lambda each: each.line.source).items()))


def by_length(judged: Sequence[Judged]) -> dict[str, Share]:
    """By the number of letters in the text; lengths that do not occur stay in, with nothing of 0."""
    bounds = (0, *LENGTHS)
    between = [f"{low}–{high - 1}" for low, high in pairwise(LENGTHS)]
    names = [f"< {LENGTHS[0]}", *between, f"{LENGTHS[-1]} +"]
    found = _right_by(judged, lambda each: bounds[bisect(LENGTHS, each.line.letters)])
    return {name: found.get(bound, Share(0, None)) for name, bound in zip(names, bounds, strict=True)}


def wrong(judged: Iterable[Judged]) -> list[Judged]:
    """Most confident first: there a wrong label is likeliest."""
    return sorted((each for each in judged if not each.is_right), key=lambda each: -(each.confidence or 0.0))


def _right_by(judged: Iterable[Judged], key: Callable[[Judged], Key]) -> dict[Key, Share]:
    groups: dict[Key, list[Judged]] = {}
    for each in judged:
        groups.setdefault(key(each), []).append(each)
    return {name: _right(group) for name, group in groups.items()}


def _right(judged: Iterable[Judged]) -> Share:
    return _share(each.is_right for each in judged)


def _share(of: Iterable[bool]) -> Share:
    found = list(of)
    return Share(len(found), sum(found) / len(found) if found else None)
