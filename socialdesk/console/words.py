"""How the pages put times, languages and numbers into words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import escape

from socialdesk import clock, languages
from socialdesk.corrections import BY_AGENT, is_sure
from socialdesk.messages import Message
from socialdesk.topics import TOPICS

_HANDLE = re.compile(r"(?<![\w@])(@[A-Za-z0-9_]{1,15})")
_HANDLES = re.compile(r"^(?:[.\s]*@[A-Za-z0-9_]{1,15}[\s,:]*)+")


class Mark(str):
    """Text that is HTML already: templates put it in as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


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
    """Date and time in UTC, which each page names once; times.js rewrites both to the agent's own zone."""
    return f"{at.astimezone(UTC):%-d %b %H:%M}"


def until(at: datetime) -> str:
    """How long until then: "in 46 s", or "now" when it is due."""
    left = at - clock.now()
    return f"in {span(left)}" if left >= timedelta(seconds=1) else "now"


def machine_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def language_tag(code: str) -> str:
    """What goes into a lang attribute: unknown languages are `und`."""
    return code if code in languages.LANGUAGES else languages.UNDETERMINED


def percent(share: float) -> str:
    """Rounded down: nothing short of all is 100 %, nothing below a threshold stands on it."""
    return f"{int(share * 100 + 1e-9)} %"


def guess(code: str, sure: bool) -> str:
    """The language's name, questioned when it is a guess."""
    return languages.name_of(code) if sure else f"{languages.name_of(code)}?"


def heard(message: Message) -> str:
    """A message's language and how sure that is: "Dutch 97 %", "German? 61 %", "German and English"."""
    name = languages.name_with_found(message.language, message.language_found)
    if message.language_source == BY_AGENT:
        return f"{name}, set by an agent"
    if message.mixed and message.runner_up:
        return f"{name} and {languages.name_of(message.runner_up)}"
    if message.language == languages.UNDETERMINED:
        return "Language unknown"
    sure = is_sure(message.language, message.confidence)
    return f"{name}{'' if sure else '?'} {percent(message.confidence)}"


def direction(code: str) -> str:
    """The direction of a text in that language; where it is not known the text itself decides."""
    if code not in languages.LANGUAGES:
        return "auto"
    return "rtl" if languages.is_rtl(code) else "ltr"


def first_words(text: str) -> str:
    """The text without the handles it begins with: in a list of mentions they say nothing."""
    return _HANDLES.sub("", text) or text


def with_handles(text: str) -> Mark:
    """The text with every handle set apart, those it begins with as what X puts there by itself.

    Handles stay whole in right-to-left texts, and `dir=auto` looks past them at the words.
    """
    opening = _HANDLES.match(text)
    end = opening.end() if opening and opening.end() < len(text) else 0
    pieces = _HANDLE.split(text[end:])  # words and handles by turns
    told = [f"<bdi>{piece}</bdi>" if turn % 2 else escape(piece) for turn, piece in enumerate(pieces)]
    carried = f'<bdi class="carried">{escape(text[:end])}</bdi>' if end else ""
    return Mark(carried + "".join(told))


def age_mark(at: datetime) -> Mark:
    """An age that times.js lets go on."""
    return Mark(f'<time datetime="{machine_time(at)}" data-age>{age(at)}</time>')


def moment_mark(at: datetime) -> Mark:
    return Mark(f'<time datetime="{machine_time(at)}" data-clock>{moment(at)}</time>')


def until_mark(at: datetime) -> Mark:
    return Mark(f'<time datetime="{machine_time(at)}" data-until>{until(at)}</time>')


def count(number: int) -> str:
    return f"{number:,}"


def topic_name(code: str) -> str:
    return TOPICS.get(code, code)


FILTERS = {
    "span": span,
    "age": age,
    "moment": moment,
    "machine_time": machine_time,
    "language_name": languages.name_of,
    "language_tag": language_tag,
    "topic_name": topic_name,
    "direction": direction,
    "first_words": first_words,
    "count": count,
    "percent": percent,
    "guess": guess,
    "heard": heard,
    "with_handles": with_handles,
    "age_mark": age_mark,
}
MARKS = {
    "language_name": languages.name_of,
    "topic_name": topic_name,
    "age": age_mark,
    "moment": moment_mark,
    "until": until_mark,
}
