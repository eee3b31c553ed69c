"""A week's numbers in the words of whoever reads them: whole lines, ready for a mail or a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton

from socialdesk import clock, languages, phrases
from socialdesk.figures import reports
from socialdesk.figures.money import Month
from socialdesk.figures.reports import LanguageFigures
from socialdesk.mail.directions import with_handle
from socialdesk.measures import count, dollars, percent, span
from socialdesk.phrases import gettext as _
from socialdesk.phrases import ngettext
from socialdesk.satisfaction.measuring import Satisfaction
from socialdesk.summaries.measuring import Answered, Happened, Measured, Numbers

NONE = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line; `before` is the same of the week before, empty where there is no such thing."""

    name: str
    value: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    figures: Sequence[Figure] = ()
    sentences: Sequence[str] = ()

    @property
    def compares(self) -> bool:
        return any(figure.before for figure in self.figures)


@dataclass(frozen=True, slots=True)
class Told:
    """The whole summary; `links` are sentences with their addresses, `direction` is that of the language."""

    language: str
    direction: str
    subject: str
    intro: str
    headings: tuple[str, str, str]
    parts: Sequence[Part]
    links: Sequence[tuple[str, str]]


def tell(measured: Measured, public_url: str) -> Told:
    """In the reader's language; without a public address there are no links."""
    return Told(
        phrases.reader(),
        phrases.locale().text_direction,
        _(
            "The week from %(first)s to %(last)s",
            first=_day(measured.week.first),
            last=_day(measured.week.last),
        ),
        _(
            "Days are those of the time zone %(zone)s. What waits is as of %(time)s.",
            zone=measured.week.zone.key,
            time=_time(measured.at, measured.week.zone),
        ),
        (_("Figure"), _("This week"), _("The week before")),
        [*_languages(measured), *_months(measured), _incidents(measured), _gaps(measured)],
        list(_links(measured, public_url)) if public_url else [],
    )


def _languages(measured: Measured) -> Iterator[Part]:
    now, before = measured.now, measured.before
    if len(now.lines) != 1:
        yield _all(reports.total(now.lines), reports.total(before.lines))
    gone = [line for line in before.lines if now.of(line.language) not in now.lines]
    for line in [*now.lines, *(LanguageFigures(each.language) for each in gone)]:
        yield _of_language(line, now, before)


def _all(line: LanguageFigures, was: LanguageFigures) -> Part:
    if not line.messages and not was.messages and not line.open_cases:
        return Part(_("All languages"), sentences=[_("Nobody has written, and nobody waits.")])
    return Part(_("All languages"), [*_work(line, was), *_now(line), *_rest(line, was)])


def _of_language(line: LanguageFigures, now: Numbers, before: Numbers) -> Part:
    code, was = line.language, before.of(line.language)
    helped = _helped(now.satisfaction.get(code), before.satisfaction.get(code))
    came = _came(now.handovers.get(code), before.handovers.get(code))
    figures = [*_work(line, was), *_waits(line, was), *_now(line), *_rest(line, was), *came, *helped]
    return Part(languages.name_of(code), figures)


def _work(line: LanguageFigures, was: LanguageFigures) -> Iterator[Figure]:
    yield Figure(_("Messages"), count(line.messages), count(was.messages))
    yield Figure(_("Replies"), count(line.replies), count(was.replies))
    yield Figure(_("Automated"), count(line.automated), count(was.automated))
    yield Figure(_("Unanswered"), count(line.unanswered), count(was.unanswered))
    if line.kept.share is not None or was.kept.share is not None:
        yield Figure(_("In target"), _share(line.kept.share), _share(was.kept.share))


def _waits(line: LanguageFigures, was: LanguageFigures) -> Iterator[Figure]:
    """How long first answers took; few of them are said to be few."""
    now, then = line.responses, was.responses
    yield Figure(_("Median first response"), _median(line), _median(was))
    yield Figure(_("9 in 10 within"), span(now.ninetieth), span(then.ninetieth))
    if now.open_median is not None or then.open_median is not None:
        name = _("Median first response in business hours")
        yield Figure(name, span(now.open_median), span(then.open_median))


def _median(line: LanguageFigures) -> str:
    told, responses = span(line.median_first_response), line.responses
    if not responses.few:
        return told
    few = ngettext("of %(number)s only", "of %(number)s only", responses.number)
    return f"{told} ({few})"


def _now(line: LanguageFigures) -> Iterator[Figure]:
    yield Figure(_("Waiting"), count(line.waiting_cases))
    if line.oldest_since:
        yield Figure(_("Oldest"), span(clock.now() - line.oldest_since))


def _rest(line: LanguageFigures, was: LanguageFigures) -> Iterator[Figure]:
    yield Figure(_("Corrected"), count(line.corrected), count(was.corrected))
    yield Figure(_("Cost"), dollars(line.cost), dollars(was.cost))


def _helped(now: Satisfaction | None, before: Satisfaction | None) -> Iterator[Figure]:
    if now or before:
        yield Figure(_("Were we able to help?"), _satisfied(now), _satisfied(before))


def _satisfied(told: Satisfaction | None) -> str:
    if told is None or told.share is None:
        return NONE
    few = _("few answers")
    return f"{percent(told.share)} ({few})" if told.few else percent(told.share)


def _came(now: Answered | None, before: Answered | None) -> Iterator[Figure]:
    if now or before:
        yield Figure(_("Came to direct messages when asked"), _of(now), _of(before))


def _of(told: Answered | None) -> str:
    if told is None:
        return NONE
    # To translate: so many of so many, such as 3 of 10.
    return _("%(part)s of %(whole)s", part=count(told.came), whole=count(told.sent))


def _months(measured: Measured) -> Iterator[Part]:
    for month in measured.months:
        handle = measured.handles.get(month.account_id, "")
        title = with_handle(_("What X charges for @%(handle)s", handle=handle), handle)
        yield Part(title, list(_month(month)), _warned(month))


def _month(month: Month) -> Iterator[Figure]:
    yield Figure(_("This month so far"), dollars(month.so_far))
    yield Figure(_("By the end of the month, if it goes on like that"), dollars(month.forecast))
    if month.budget is not None:
        yield Figure(_("Budget"), dollars(month.budget))


def _warned(month: Month) -> list[str]:
    return [_("The budget will be exceeded.")] if month.exceeded else []


def _incidents(measured: Measured) -> Part:
    zone = measured.week.zone
    told = [_incident(each, zone) for each in measured.incidents]
    return Part(_("Incidents"), sentences=told or [_("There was none in this week.")])


def _incident(happened: Happened, zone: ZoneInfo) -> str:
    incident, number = happened.incident, happened.cases
    values = {"name": incident.name, "opened": _time(incident.opened_at, zone)}
    if incident.closed_at is None:
        return ngettext(
            "%(name)s: open since %(opened)s, %(number)s case.",
            "%(name)s: open since %(opened)s, %(number)s cases.",
            number,
            **values,
        )
    return ngettext(
        "%(name)s: from %(opened)s to %(closed)s, %(number)s case.",
        "%(name)s: from %(opened)s to %(closed)s, %(number)s cases.",
        number,
        closed=_time(incident.closed_at, zone),
        **values,
    )


def _gaps(measured: Measured) -> Part:
    """What X may have kept from us."""
    title = _("Gaps in what X gave us")
    if not measured.gaps:
        return Part(title, sentences=[_("There was none in this week.")])
    found = Figure(_("Found this week"), count(measured.gaps))
    return Part(title, [found, Figure(_("Still open"), count(measured.open_gaps))])


def _links(measured: Measured, public_url: str) -> Iterator[tuple[str, str]]:
    base = public_url.rstrip("/")
    days = f"from={measured.week.first}&to={measured.week.last}&compare=1"
    yield _("The languages of this week, with the cases behind each number"), f"{base}/languages?{days}"
    yield _("What X charges, by day and kind"), f"{base}/money"
    yield _("Another day, other accounts, or no summary any more"), f"{base}/account"


def _share(share: float | None) -> str:
    return NONE if share is None else percent(share)


def _day(day: date) -> str:
    if phrases.reader() == phrases.SOURCE:
        return f"{day:%-d %B %Y}"
    return str(format_date(day, "long", locale=phrases.locale()))


def _time(at: datetime, zone: ZoneInfo) -> str:
    here = at.astimezone(zone)
    if phrases.reader() == phrases.SOURCE:
        return f"{here:%-d %b %Y %H:%M}"
    return f"{format_skeleton('yMMMd', here, locale=phrases.locale())} {here:%H:%M}"
