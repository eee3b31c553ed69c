"""X's ids: 64-bit snowflakes whose high bits are the millisecond they were made in.

Source: X's documentation, fundamentals/x-ids.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import regex

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
_SHIFT = 22
_ID = regex.compile(r"[0-9]{1,19}")
_LARGEST = 2**63 - 1


def is_id(value: object) -> bool:
    """Whether this is the text of a number X could have given out."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None and int(value) <= _LARGEST


def earlier(x_id: str, by: timedelta) -> str:
    """The lowest id of that much time before the given one; "1" when there was no X yet."""
    milliseconds = (int(x_id) >> _SHIFT) - by // timedelta(milliseconds=1)
    return str(max(milliseconds << _SHIFT, 1))


def made_at(x_id: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(x_id) >> _SHIFT)


def first_at(moment: datetime) -> str:
    """The lowest id of that moment."""
    return str(max((moment - _EPOCH) // timedelta(milliseconds=1) << _SHIFT, 1))
