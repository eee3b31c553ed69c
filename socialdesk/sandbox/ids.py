"""The ids X gives to things, and the tokens that lead from one page to the next."""

from __future__ import annotations

from datetime import UTC, datetime

EPOCH_MS = 1_288_834_974_657  # the first millisecond a snowflake can name: 4 November 2010
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PAGE_MARK = "7s"


class Snowflakes:
    """Rising 64-bit ids whose upper bits tell the time; a stopped clock still gets new, larger ones."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, at: datetime) -> str:
        self._last = max(self._last + 1, first_id_at(at))
        return str(self._last)


def first_id_at(moment: datetime) -> int:
    """The smallest id that a thing made at this moment can have."""
    return max(0, round(moment.timestamp() * 1000) - EPOCH_MS) << 22


def moment_of(thing_id: str) -> datetime:
    """When the thing with this id was made, as its id tells it."""
    return datetime.fromtimestamp(((int(thing_id) >> 22) + EPOCH_MS) / 1000, UTC)


def token_after(last_id: str) -> str:
    """An opaque page token: the next page begins below this id. Sixteen characters, as the documents ask."""
    number, digits = int(last_id), ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return PAGE_MARK + digits.rjust(14, "0")


def id_in_token(token: str) -> int | None:
    """The id a page token stands for, or None when no page ever gave out such a token."""
    if len(token) != 16 or not token.startswith(PAGE_MARK) or not set(token) <= set(DIGITS):
        return None
    return int(token.removeprefix(PAGE_MARK), 36)


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19


def stamp(moment: datetime) -> str:
    """Times as X writes them: UTC, milliseconds, a final Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
