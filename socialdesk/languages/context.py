"""What is known about a text's language before it is read: evidence, never an override.

The points are natural logarithms of odds. A clear text brings ten and more of its own, so a customer who
changes his language is believed; "si, gracias" is left to who says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log

from socialdesk.languages.codes import LANGUAGES, UNDETERMINED, plain

_REMEMBERED = 5  # of the customer's messages
_EARLIER = 2.5  # points when all of them were in that language
# For what X takes a post for: on short posts, where it would count, that is wrong half the time.
_HINT = 0.5
_SAID_BY_AGENT = 2.5
_USUAL = 0.5  # how much of the account's mix counts: it says nothing of this customer
_RARE = 0.01  # no language is rarer than that
_EVEN = 1 / (len(LANGUAGES) + 1)


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a text.

    `hint` is X's `lang` of the post as X spells it, None for direct messages; `earlier` are the languages
    of the customer's messages before it, newest first; `corrected` is what an agent said this customer
    writes; `usual` is each language's share in what the account gets.
    """

    hint: str | None = None
    earlier: Sequence[str] = ()
    corrected: str | None = None
    usual: Mapping[str, float] = field(default_factory=dict)

    def points(self) -> dict[str, float]:
        """How much each language gains by it, by plain code."""
        points: dict[str, float] = {}
        if hint := plain(self.hint):
            points[hint] = _HINT
        if self.corrected in LANGUAGES:
            points[self.corrected] = points.get(self.corrected, 0.0) + _SAID_BY_AGENT
        told = [code for code in self.earlier if code != UNDETERMINED][:_REMEMBERED]
        for code in told:
            points[code] = points.get(code, 0.0) + _EARLIER / len(told)
        for code, gained in _usual_points(tuple(self.usual.items())):
            points[code] = points.get(code, 0.0) + gained
        return points


@lru_cache(maxsize=4)
def _usual_points(usual: tuple[tuple[str, float], ...]) -> list[tuple[str, float]]:
    """Asked anew for each message, and the same for all of a batch."""
    shares = dict(usual)
    return [(code, _USUAL * log(max(shares.get(code, 0.0), _RARE) / _EVEN)) for code in LANGUAGES if shares]


NOTHING_KNOWN = Context()
