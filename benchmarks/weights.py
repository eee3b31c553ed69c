"""Fits the weights of `socialdesk.languages.weighing` to labelled short texts and prints them.

    python -m benchmarks.weights FILE

The file is what `benchmarks.languages` reads. Maximum likelihood with a little ridge; each set of weights
is also fitted on four fifths of the lines and judged on the last fifth, five times, which shows that so few
weights do not learn the file by heart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.lid import labelled
from benchmarks.lid.labelled import Labelled, Malformed
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, cleaning, detectors, scripts, weighing
from socialdesk.languages.detectors import Detector

Array = np.ndarray[Any, np.dtype[np.float64]]

NAMES = (
    "heard",
    "heard, tenfold",
    "unnamed",
    "unnamed, tenfold",
    "unknown",
    "unknown, tenfold",
    "ours",
    "ours, tenfold",
    "second",
    "second, tenfold",
    "nobody",
)
_CODES = (*LANGUAGES, OTHER)
_RIDGE = 1e-4
_ROUNDS = 100
_STRIDES = (4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.03, 0.01)
_ENOUGH = 1e-7  # of a mean log-likelihood
_FLOOR = 1e-4  # a wrong label costs no more than that
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What the weights are multiplied with: texts × languages × weights; `classes` are the languages' own.

    A language that is not there has the class -1.
    """

    features: Array
    classes: Array
    labels: Array


def gather(lines: Sequence[Labelled], first: Detector, second: Detector | None) -> Facts:
    """The opinions on every labelled line that is read by detectors at all."""
    rows, labels = [], []
    for line in lines:
        cleaned = cleaning.clean(line.text)
        if line.label == UNDETERMINED or not cleaning.has_words(cleaned):
            continue
        if scripts.is_japanese(cleaned) or scripts.foreign(cleaned):
            continue
        also = second.opinion(cleaned) if second else {}
        rows.append(_row(first.opinion(cleaned), also, weighing.decades(len(cleaned)), first.knows))
        labels.append(_CODES.index(line.label))
    return _padded(rows, labels)


def fit(facts: Facts, free: Sequence[int]) -> Array:
    """The likeliest weights; those not in `free` stay 0."""
    weights = np.zeros(len(NAMES))
    reached = _likelihood(facts, weights)
    for _ in range(_ROUNDS):
        step = _step(facts, weights, np.array(free))
        tried = [weights + step * stride for stride in _STRIDES]
        likely = [_likelihood(facts, each) for each in tried]
        if max(likely) <= reached + _ENOUGH:
            return weights
        reached, weights = max(likely), tried[likely.index(max(likely))]
    return weights


def _likelihood(facts: Facts, weights: Array) -> float:
    """The mean logarithm of what the labels were given, less the ridge."""
    right = np.where(facts.classes == facts.labels[:, None], probabilities(facts, weights), 0.0).sum(axis=1)
    return float(np.log(right + _FLOOR).mean() - _RIDGE * (weights @ weights) / 2)


def probabilities(facts: Facts, weights: Array) -> Array:
    points = np.where(facts.classes >= 0, facts.features @ weights, -np.inf)
    odds = np.exp(points - points.max(axis=1, keepdims=True))
    shares: Array = odds / odds.sum(axis=1, keepdims=True)
    return shares


def _step(facts: Facts, weights: Array, chosen: Array) -> Array:
    """Uphill, as far as the curvature makes one think; it may be too far."""
    shares = probabilities(facts, weights)
    features = facts.features[:, :, chosen]
    right = np.where(facts.classes == facts.labels[:, None], shares, 0.0) + 1e-30
    right /= right.sum(axis=1, keepdims=True)
    expected = np.einsum("nc,ncw->nw", shares, features)
    slope = (np.einsum("nc,ncw->nw", right, features) - expected).mean(axis=0) - _RIDGE * weights[chosen]
    rooted = np.sqrt(shares)[:, :, None] * (features - expected[:, None, :])
    flat = rooted.reshape(-1, len(chosen))
    curve = flat.T @ flat / len(features) + np.eye(len(chosen)) * _RIDGE
    step = np.zeros(len(NAMES))
    step[chosen] = np.linalg.solve(curve, slope)
    return step


def _row(
    heard: Mapping[str, float], also: Mapping[str, float], length: float, knows: frozenset[str]
) -> list[tuple[int, list[float]]]:
    """One language each: the class it is in, and its features in the order of NAMES."""
    row = [(_CODES.index(OTHER), [0.0] * 10 + [1.0])]
    for code in {*LANGUAGES, *heard, *also}:
        own = [
            weighing.log_odds(heard[code]) if code in heard else 0.0,
            float(code not in heard and code in knows),
            float(code not in heard and code not in knows),
            float(code in LANGUAGES),
            log(max(also.get(code, 0.0), weighing.LEAST_SECOND)),
        ]
        sloped = [part for value in own for part in (value, value * length)]
        row.append((_CODES.index(code if code in LANGUAGES else OTHER), [*sloped, 0.0]))
    return row


def _padded(rows: Sequence[Sequence[tuple[int, list[float]]]], labels: Sequence[int]) -> Facts:
    widest = max(len(row) for row in rows)
    features = np.zeros((len(rows), widest, len(NAMES)))
    classes = np.full((len(rows), widest), -1)
    for number, row in enumerate(rows):
        for place, (own, values) in enumerate(row):
            features[number, place], classes[number, place] = values, own
    return Facts(features, classes, np.array(labels))


def _part(facts: Facts, chosen: Array) -> Facts:
    return Facts(facts.features[chosen], facts.classes[chosen], facts.labels[chosen])


def _right(facts: Facts, weights: Array) -> float:
    """The share of texts whose likeliest class is the labelled one."""
    shares = probabilities(facts, weights)
    sums = np.stack(
        [np.where(facts.classes == own, shares, 0.0).sum(axis=1) for own in range(len(_CODES))], 1
    )
    return float((sums.argmax(axis=1) == facts.labels).mean())


def _tell(name: str, facts: Facts, free: Sequence[int]) -> None:
    weights = fit(facts, free)
    folds = np.arange(len(facts.labels)) % _FOLDS
    apart = [
        _right(_part(facts, folds == fold), fit(_part(facts, folds != fold), free)) for fold in range(_FOLDS)
    ]
    print(f"{name}: {_right(facts, weights):.4f} right, {np.mean(apart):.4f} on lines not fitted to")
    for number in free:
        print(f"    {NAMES[number]:18} {weights[number]:8.3f}")


def run(
    file: Annotated[Path, typer.Argument(help="Labelled texts: label, lang, source, text.")],
    leave_out: Annotated[
        str, typer.Option(help="Lines with that in them are known to be wrongly labelled.")
    ] = "",
) -> None:
    """The weights for eldc alone, for eldc and py3langid together, and for langdetect alone."""
    try:
        lines = [line for line in labelled.read(file) if not leave_out or leave_out not in line.text]
    except Malformed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    eldc = detectors.Eldc()
    alone = [0, 1, 2, 3, 6, 7, 10]
    _tell("eldc", gather(lines, eldc, None), alone)
    _tell("eldc and py3langid", gather(lines, eldc, detectors.Py3langid()), range(len(NAMES)))
    _tell("langdetect", gather(lines, detectors.Langdetect(), None), alone)


if __name__ == "__main__":
    typer.run(run)
