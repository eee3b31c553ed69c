"""How lengths of time, shares, numbers and sums of money are told, by the reader's language."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from babel.numbers import format_currency, format_percent

from socialdesk import phrases
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark

# To translate: abbreviations, as they stand in a narrow column.
_SECONDS, _MINUTES = mark("%(number)s s"), mark("%(number)s min")
# To translate: abbreviations of hours and days.
_HOURS, _DAYS = mark("%(number)s h"), mark("%(number)s d")


def span(length: timedelta | None) -> str:
    """Two units at most: "48 s", "12 min", "2 h 10 min", "3 d 4 h"; a dash for none."""
    if length is None:
        return "–"
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return _(_SECONDS, number=seconds)
    if seconds < 3600:
        return _(_MINUTES, number=seconds // 60)
    if seconds < 86_400:
        return _two(seconds, 3600, _HOURS, 60, _MINUTES)
    return _two(seconds, 86_400, _DAYS, 3600, _HOURS)


def _two(seconds: int, large: int, larges: str, small: int, smalls: str) -> str:
    whole, rest = divmod(seconds, large)
    first = _(larges, number=whole)
    return f"{first} {_(smalls, number=rest // small)}" if rest >= small else first


def percent(share: float) -> str:
    """Rounded down: nothing short of all is 100 %, nothing below a threshold stands on it."""
    whole = int(share * 100 + 1e-9)
    if phrases.reader() == phrases.SOURCE:
        return f"{whole} %"
    return str(format_percent(whole / 100, locale=phrases.locale()))


def count(number: int) -> str:
    """As in the sentences that have a number in them."""
    return phrases.numeral(number)


def dollars(cost: float | Decimal) -> str:
    if phrases.reader() == phrases.SOURCE:
        return f"${cost:.2f}"
    return str(format_currency(cost, "USD", locale=phrases.locale()))
