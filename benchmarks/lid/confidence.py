"""Whether 0.9 means right nine times in ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.lid.scores import Judged
from socialdesk.languages import UNDETERMINED

BINS = 10
PRECISION_WANTED = 0.95


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies from `low` to below `low` + 0.1 (the last one has 1.0 too)."""

    low: float
    texts: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Accepting from `threshold` on takes in `share` of all texts, and `precision` of these are right."""

    share: float
    threshold: float | None
    precision: float | None


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """Mean confidence beside the share that is right; empty bins are left out, and so are `und` answers."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in _answered(judged):
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return [
        Bin(
            number / BINS,
            len(found),
            sum(confidence for confidence, _ in found) / len(found),
            sum(right for _, right in found) / len(found),
        )
        for number, found in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Naeini et al., AAAI 2015): the bins' distances, weighted by their texts."""
    texts = sum(each.texts for each in bins)
    return sum(each.texts * abs(each.confidence - each.right) for each in bins) / texts if texts else 0.0


def coverage(judged: Sequence[Judged]) -> Coverage:
    """The largest share that a threshold can accept at 95 % precision; `und` answers are never accepted."""
    best = Coverage(0.0, None, None)
    accepted = right = 0
    by_confidence = sorted(_answered(judged), reverse=True)
    for threshold, tied in groupby(by_confidence, key=lambda found: found[0]):
        outcomes = [is_right for _, is_right in tied]
        accepted, right = accepted + len(outcomes), right + sum(outcomes)
        if right / accepted >= PRECISION_WANTED:
            best = Coverage(accepted / len(judged), threshold, right / accepted)
    return best


def _answered(judged: Sequence[Judged]) -> list[tuple[float, bool]]:
    return [(each.confidence or 0.0, each.is_right) for each in judged if each.language != UNDETERMINED]
