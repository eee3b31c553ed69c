"""How the pages put times, languages and numbers into words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from socialdesk import clock, languages

_HANDLES = re.compile(r"^(?:[.\s]*@\w{1,15}[\s,:]*)+")


def span(length: timedelta | None) -> str:
    """Two units at most: "48 s", "12 min", "2 h 10 min", "3 d 4 h"; a dash for none."""
    if length is None:
        return "–"
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        return _two(seconds, 3600, "h", 60, "min")
    return _two(seconds, 86_400, "d", 3600, "h")


def _two(seconds: int, large: int, name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(seconds, large)
    return f"{whole} {name} {rest // small} {small_name}" if rest >= small else f"{whole} {name}"


def age(at: datetime) -> str:
    return span(clock.now() - at)


def moment(at: datetime) -> str:
    """Date and time in UTC, which it names; the browser's script rewrites it to the agent's own zone."""
    return f"{at.astimezone(UTC):%-d %b %H:%M} UTC"


def machine_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def language_tag(code: str) -> str:
    """What goes into a lang attribute: unknown languages are `und`."""
    return code if code in languages.LANGUAGES else languages.UNDETERMINED


def direction(code: str) -> str:
    """The direction of a text in that language; where it is not known the text itself decides."""
    if code not in languages.LANGUAGES:
        return "auto"
    return "rtl" if languages.is_rtl(code) else "ltr"


def first_words(text: str) -> str:
    """The text without the handles it begins with: in a list of mentions they say nothing."""
    return _HANDLES.sub("", text) or text


def count(number: int) -> str:
    return f"{number:,}"


FILTERS = {
    "span": span,
    "age": age,
    "moment": moment,
    "machine_time": machine_time,
    "language_name": languages.name_of,
    "language_tag": language_tag,
    "direction": direction,
    "first_words": first_words,
    "count": count,
}
