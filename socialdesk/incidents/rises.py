"""Whether so many cases at once can be chance: what came now against the same hours of other weeks.

As in rates.py: with `before` cases in so many periods, each of all the cases falls into the present one with
a chance of 1 in periods + 1, so that their number is binomial (Przyborowski and Wilenski 1940). For a steady
stream that is Poisson's tail, and what is not known of its rate is reckoned in: few weeks make it careful.
"""

from __future__ import annotations

from dataclasses import dataclass

from socialdesk.polling import rates
from socialdesk.settings import Incidents

_NOTHING = 1e-18  # what terms beyond the first add no more


@dataclass(frozen=True, slots=True)
class Rise:
    """`came` cases in the present hours, `before` in the same ones of `periods` others together.

    The periods are weeks; of a desk that has less than two they are days, or none, and it is not `settled`.
    """

    came: int
    before: int
    periods: int
    settled: bool = True

    @property
    def usual(self) -> float | None:
        """How many come in so long a time; None where nothing is known."""
        return self.before / self.periods if self.periods else None

    @property
    def chance(self) -> float:
        """How likely so many, or more, are if nothing has changed; 0 where nothing is known."""
        if not self.periods:
            return 0.0
        number, share, total = self.came + self.before, 1 / (self.periods + 1), 0.0
        for k in range(self.came, number + 1):
            term = rates.binomial(k, number, share)
            total += term
            if term < _NOTHING and k > number * share:
                break
        return total

    def stands_out(self, bounds: Incidents) -> bool:
        least = bounds.least_cases if self.settled else bounds.least_cases_new
        if self.came < least or self.came < bounds.times_usual * (self.usual or 0):
            return False
        return self.chance < bounds.chance
