"""Opinions weighed into probabilities that mean what they say.

Each language a detector names gets points, which the length of the text scales; points become
probabilities as in a logistic regression. The weights were fitted by maximum likelihood on labelled short
texts (`python -m benchmarks.weights FILE` does it again); `docs/languages.md` shows how well they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, log10

from socialdesk.languages.codes import LANGUAGES, OTHER
from socialdesk.languages.detectors import Detector

LEAST_HEARD = 1e-3  # a first score below that counts as that much
LEAST_SECOND = 1e-4
_SHORTEST, _LONGEST = 2, 200  # letters, beyond which length changes nothing any more
_LOG_LEAST_SECOND = log(LEAST_SECOND)
NOBODY, UNNAMED = "nobody", "unnamed"


@dataclass(frozen=True, slots=True)
class Slope:
    """A weight for a text of one letter, and what each tenfold length adds to it."""

    at_one: float
    tenfold: float = 0.0

    def __call__(self, decades: float) -> float:
        return self.at_one + self.tenfold * decades


@dataclass(frozen=True, slots=True)
class Weights:
    """`heard` for the log-odds of the first score; `unnamed` for a language that the first detector knows and
    did not name, `unknown` for one it does not know; `ours` for the thirteen, in which most customers
    write; `second` for the logarithm of the second probability; `nobody` for a language neither knows.
    """

    heard: Slope
    unnamed: Slope
    unknown: Slope
    ours: Slope
    second: Slope
    nobody: float


ELDC = Weights(Slope(1.384, 1.557), Slope(-0.62, -2.642), Slope(0.0), Slope(5.622, -2.74), Slope(0.0), 0.733)
ELDC_AND_PY3LANGID = Weights(
    heard=Slope(2.969, -0.622),
    unnamed=Slope(-1.713, -0.501),
    unknown=Slope(-3.368, 1.278),
    ours=Slope(3.937, -1.17),
    second=Slope(-0.453, 0.734),
    nobody=-2.804,
)
LANGDETECT = Weights(
    Slope(-0.158, 0.31), Slope(-0.833, -2.05), Slope(0.0), Slope(5.345, -2.272), Slope(0.0), -0.51
)


def weights_for(first: Detector, *, both: bool) -> Weights:
    if first.name == "langdetect":
        return LANGDETECT
    return ELDC_AND_PY3LANGID if both else ELDC


def decades(letters: int) -> float:
    """The length as the weights take it."""
    return log10(min(max(letters, _SHORTEST), _LONGEST))


def log_odds(score: float) -> float:
    bounded = min(max(score, LEAST_HEARD), 1 - LEAST_HEARD)
    return log(bounded / (1 - bounded))


def reach(context: Mapping[str, float]) -> float:
    """The log-odds that the context could have turned round: surer answers stand without it."""
    return max(0.0, *context.values()) - min(0.0, *context.values())


def weigh(
    first: Mapping[str, float],
    second: Mapping[str, float],
    length: float,
    weights: Weights,
    knows: frozenset[str],
    context: Mapping[str, float],
) -> dict[str, float]:
    """The probability of each language that somebody named, by plain code.

    `length` is in decades of letters, `context` holds further points, as natural logarithms of odds. What
    is left for the languages that neither opinion knows stands under `NOBODY`, and for those of the
    thirteen that nobody named under `UNNAMED`; together all are 1.
    """
    heard, unnamed, unknown = weights.heard(length), weights.unnamed(length), weights.unknown(length)
    ours, told = weights.ours(length), weights.second(length)
    unheard = told * _LOG_LEAST_SECOND
    points, silent = {}, len(LANGUAGES)
    for code in {**first, **second, **context} if second or context else first:
        score = first.get(code)
        own = heard * log_odds(score) if score is not None else unnamed if code in knows else unknown
        own += told * log(second[code]) if second and second.get(code, 0.0) > LEAST_SECOND else unheard
        if code in LANGUAGES:
            silent -= 1
            own += ours
        points[code] = own + context[code] if code in context else own
    points[NOBODY] = weights.nobody
    if silent:
        points[UNNAMED] = unnamed + unheard + ours + log(silent)
    return _probabilities(points)


def _probabilities(points: Mapping[str, float]) -> dict[str, float]:
    most = max(points.values())
    odds = {code: exp(own - most) for code, own in points.items()}
    total = sum(odds.values())
    return {code: each / total for code, each in odds.items()}


def of_the_desk(probabilities: Mapping[str, float]) -> dict[str, float]:
    """The same for those of the thirteen that were named, and `other` for the sum of all beyond them."""
    told = {OTHER: 0.0}
    for code, share in probabilities.items():
        if code in LANGUAGES:
            told[code] = share
        elif code != UNNAMED:
            told[OTHER] += share
    return told
