"""How the pages put times, languages and numbers into words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from babel.dates import format_skeleton

from socialdesk import clock, languages, phrases
from socialdesk.casework.corrections import BY_AGENT, is_sure
from socialdesk.measures import count, percent, span
from socialdesk.messages import WHAT_HAPPENED, Message
from socialdesk.people.agents import Role
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.phrases.stored import retold
from socialdesk.topics import TOPICS

_HANDLE = re.compile(r"(?<![\w@])(@[A-Za-z0-9_]{1,15})")
_ROLES = {
    Role.READ_ONLY: mark("reads only"),
    Role.AGENT: mark("agent"),
    Role.SUPERVISOR: mark("supervisor"),
    Role.ADMIN: mark("admin"),
}
_ENOUGH = 101  # below that there is a number for every form of any of the thirteen languages
_HANDLES = re.compile(r"^(?:[.\s]*@[A-Za-z0-9_]{1,15}[\s,:]*)+")


class Mark(str):
    """Text that is HTML already: templates put it in as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def age(at: datetime) -> str:
    return span(clock.now() - at)


def moment(at: datetime) -> str:
    """Date and time in UTC, which each page names once; times.js rewrites both to the agent's own zone."""
    here = at.astimezone(UTC)
    if phrases.reader() == phrases.SOURCE:
        return f"{here:%-d %b %H:%M}"
    return f"{format_skeleton('MMMd', here, locale=phrases.locale())} {here:%H:%M}"


def until(at: datetime) -> str:
    """How long until then: "in 46 s", or "now" when it is due."""
    left = at - clock.now()
    if left < timedelta(seconds=1):
        return _("now")
    # To translate: %(time)s is a length of time, such as 5 min.
    return _("in %(time)s", time=span(left))


def machine_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def language_tag(code: str) -> str:
    """What goes into a lang attribute: unknown languages are `und`."""
    return code if code in languages.LANGUAGES else languages.UNDETERMINED


def percents(low: float, high: float) -> str:
    """From one to the other."""
    if phrases.reader() == phrases.SOURCE:
        return f"{percent(low).removesuffix(' %')}–{percent(high)}"
    return f"{percent(low)}–{percent(high)}"


def guess(code: str, sure: bool) -> str:
    """The language's name, questioned when it is a guess."""
    return languages.name_of(code) if sure else f"{languages.name_of(code)}?"


def heard(message: Message) -> str:
    """A message's language and how sure that is: "Dutch 97 %", "German? 61 %", "German and English"."""
    name = languages.name_with_found(message.language, message.language_found)
    if message.language_source == BY_AGENT:
        # To translate: the language of a message, which an agent has said.
        return _("%(language)s, set by an agent", language=name)
    if message.mixed and message.runner_up:
        # To translate: the two languages of one message.
        return _("%(first)s and %(second)s", first=name, second=languages.name_of(message.runner_up))
    if message.language == languages.UNDETERMINED:
        return _("Language unknown")
    sure = is_sure(message.language, message.confidence)
    return f"{name}{'' if sure else '?'} {percent(message.confidence)}"


def direction(code: str) -> str:
    """The direction of a text in that language; where it is not known the text itself decides."""
    if code not in languages.LANGUAGES:
        return "auto"
    return "rtl" if languages.is_rtl(code) else "ltr"


def first_words(text: str) -> str:
    """The text without the handles it begins with: in a list of mentions they say nothing."""
    if text in WHAT_HAPPENED.values():  # the desk's own words, in the place of a text that is gone
        return _(text)
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


def of_case(drawn: str, case_id: int, came_from: object) -> Mark:
    """What is drawn for all cases alike, for this one: the addresses in it are of case 0, from the list 0."""
    came = f"&amp;from={escape(str(came_from))}#" if came_from else "#"
    return Mark(str(drawn).replace("/cases/0?", f"/cases/{case_id}?").replace("&amp;from=0#", came))


def age_mark(at: datetime) -> Mark:
    """An age that times.js lets go on."""
    return Mark(f'<time datetime="{machine_time(at)}" data-age>{age(at)}</time>')


def moment_mark(at: datetime) -> Mark:
    return Mark(f'<time datetime="{machine_time(at)}" data-clock>{moment(at)}</time>')


def until_mark(at: datetime) -> Mark:
    return Mark(f'<time datetime="{machine_time(at)}" data-until>{until(at)}</time>')


def comma() -> str:
    """What stands between two of several."""
    return _between("standard")


def either(named: Sequence[str]) -> str:
    return _between("or").join(named)


def _between(style: str) -> str:
    patterns = phrases.locale().list_patterns[style]
    return str(patterns["middle" if style == "standard" else "2"].format("", ""))


def forms() -> list[tuple[str, int]]:
    """The forms that a sentence with a number has in the reader's language, each with such a number."""
    form = phrases.locale().plural_form
    found: dict[str, int] = {}
    for number in range(_ENOUGH):
        found.setdefault(form(number), number)
    return list(found.items())


def role_name(role: str) -> str:
    return phrases.bare(_ROLES[Role(role)]) if role in list(Role) else role


def topic_name(code: str) -> str:
    return phrases.bare(TOPICS[code]) if code in TOPICS else code


def titled(title: str) -> str:
    """A reply template's title; one that the desk does not ship is as it was written."""
    return phrases.bare(title) if title else title


def with_mark(sentence: str, **marks: Mark) -> Mark:
    """A sentence of ours with its marks put in."""
    return Mark(escape(sentence) % marks)


FILTERS = {
    "span": span,
    "age": age,
    "moment": moment,
    "machine_time": machine_time,
    "language_name": languages.name_of,
    "language_tag": language_tag,
    "topic_name": topic_name,
    "titled": titled,
    "direction": direction,
    "first_words": first_words,
    "count": count,
    "percent": percent,
    "with_mark": with_mark,
    "retold": retold,
    "either": either,
    "role_name": role_name,
    "guess": guess,
    "heard": heard,
    "with_handles": with_handles,
    "age_mark": age_mark,
    "of_case": of_case,
}
MARKS = {
    "language_name": languages.name_of,
    "topic_name": topic_name,
    "percents": percents,
    "comma": comma,
    "forms": forms,
    "age": age_mark,
    "moment": moment_mark,
    "until": until_mark,
}
