"""Why a case was given to somebody, or to nobody, in plain words: the routing's small print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.lists import format_list

from socialdesk import phrases
from socialdesk.languages import name_of
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark, ngettext
from socialdesk.routing.choosing import Because, Why
from socialdesk.routing.past import SHIFT_OVER

_GIVEN = {
    Because.BEFORE: mark("Given to %(name)s, who had this customer before and is on shift until %(time)s."),
    Because.WRITES: mark("Given to %(name)s, who writes %(language)s and is on shift until %(time)s."),
    Because.READS: mark(
        "Given to %(name)s, who reads %(language)s and is on shift until %(time)s: nobody who writes it was"
        " free."
    ),
    Because.FALLBACK: mark(
        "Given to %(name)s, who reads %(language)s and is on shift until %(time)s: nobody who reads the"
        " customer's language was free."
    ),
    Because.UNKNOWN: mark(
        "Given to %(name)s, who is on shift until %(time)s: it is not known who reads the customer's"
        " language."
    ),
    Because.SUPERVISOR: mark(
        "Given to %(name)s, who supervises and is on shift until %(time)s: nobody who reads the customer's"
        " language was free."
    ),
    Because.ANYONE: mark(
        "Given to %(name)s, who is on shift until %(time)s: nobody who reads the customer's language was"
        " free."
    ),
}
_NOT_GIVEN = {
    (Why.NOBODY, False): mark("Not given to anybody: nobody who works for this account reads %(language)s."),
    (Why.NOBODY, True): mark("Not given to anybody: nobody with shifts works for this account."),
    (Why.OFF_SHIFT, False): mark("Nobody who could take it in %(language)s is on shift until %(time)s."),
    (Why.OFF_SHIFT, True): mark("Nobody is on shift until %(time)s."),
    (Why.AWAY, False): mark("Whoever could take it in %(language)s is away until %(time)s."),
    (Why.AWAY, True): mark("Everybody on shift is away until %(time)s."),
    (Why.FULL, False): mark(
        "Whoever could take it in %(language)s and is on shift has as many cases as they may have."
    ),
    (Why.FULL, True): mark("Everybody on shift has as many cases as they may have."),
    (Why.HANDED_BACK, False): mark("Whoever could take it in %(language)s has handed it back just now."),
    (Why.HANDED_BACK, True): mark("Everybody who could take it has handed it back just now."),
}
_FULL = {
    False: mark(
        "Whoever could take it in %(language)s and is on shift has as many cases as they may have:"
        " %(people)s."
    ),
    True: mark("Everybody on shift has as many cases as they may have: %(people)s."),
}
_STAND_INS = {
    Why.OFF_SHIFT: mark(
        "Nobody who knows %(language)s is on shift until %(time)s, and whoever could stand in has as many"
        " cases as they may have."
    ),
    Why.AWAY: mark(
        "Whoever knows %(language)s and is on shift is away until %(time)s, and whoever could stand in has as"
        " many cases as they may have."
    ),
}
_NO_TELLING = {
    (Why.OFF_SHIFT, False): mark("Nobody who could take it in %(language)s has a shift."),
    (Why.OFF_SHIFT, True): mark("Nobody has a shift."),
    (Why.AWAY, False): mark("Whoever could take it in %(language)s and is on shift is away."),
    (Why.AWAY, True): mark("Everybody on shift is away."),
}


def given(told: Mapping[str, Any]) -> str:
    """Of an assignment with a reason; `at` is when it was made."""
    if told["because"] == SHIFT_OVER:
        return _("Taken back from %(name)s, whose shift is over", name=told["name"])
    values = {"name": told["to"], "language": name_of(told["language"]), "time": _time(told)}
    sentence = _(_GIVEN[Because(told["because"])], **values)
    number = int(told["waiting"])
    if number == 0:
        return sentence
    load = ngettext(
        "%(number)s case waited there before it.", "%(number)s cases waited there before it.", number
    )
    return f"{sentence} {load}"


def not_given(told: Mapping[str, Any]) -> str:
    why = Why(told["why"]), bool(told.get("anybody"))
    language = name_of(told["language"])
    if told.get("full"):
        return _(_FULL[why[1]], language=language, people=_loads(told["full"]))
    if told.get("stand_ins"):
        return _(_STAND_INS[why[0]], language=language, time=_time(told))
    if told.get("until"):
        return _(_NOT_GIVEN[why], language=language, time=_time(told))
    return _(_NO_TELLING.get(why) or _NOT_GIVEN[why], language=language)


def _loads(full: Sequence[tuple[str, int, int]]) -> str:
    # To translate: somebody, and how many cases wait with him of how many that may, such as Ana 40 of 40.
    load = mark("%(name)s %(part)s of %(whole)s")
    told = [_(load, name=name, part=waiting, whole=most) for name, waiting, most in full]
    return format_list(told, locale=phrases.locale())


def _time(told: Mapping[str, Any]) -> str:
    return clock_time(datetime.fromisoformat(told["until"]), told["zone"], since=told["at"])


def clock_time(moment: datetime, zone: str, *, since: datetime) -> str:
    """By the clock of that zone, which is named, with the weekday when that is not the day of `since`, and
    the date when it is most of a week away."""
    here = moment.astimezone(ZoneInfo(zone))
    days = (here.date() - since.astimezone(here.tzinfo).date()).days
    english, skeleton = _AS[0 if days == 0 else 1 if days < 6 else 2]
    if phrases.reader() == phrases.SOURCE:
        return f"{here:{english}} ({zone})"
    return f"{format_skeleton(skeleton, here, locale=phrases.locale())} ({zone})"


_AS = (("%H:%M", "Hm"), ("%A %H:%M", "EEEEHm"), ("%-d %B %H:%M", "MMMMdHm"))
