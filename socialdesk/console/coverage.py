"""The coming 24 hours: which language will be answered too late first, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.lists import format_list
from babel.numbers import format_decimal
from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import phrases
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.given import clock_time
from socialdesk.languages import name_of
from socialdesk.phrases import gettext as _
from socialdesk.phrases import ngettext
from socialdesk.routing import radar
from socialdesk.routing.coverage import Cell, Outlook, Radar

router = APIRouter()
MOST_NAMES = 5
_OUT_OF_HOURS = "out_of_hours"


@router.get("/coverage")
def show(visit: Admitted) -> Response:
    settings = visit.desk.settings
    zone = settings.console.time_zone
    with visit.database.reading() as session:
        seen = radar.look(session, settings, visit.accounts)
        accounts = health.of(visit, session)
    return visit.page(
        "coverage.html",
        radar=seen,
        zone=zone,
        hours=[_hour(each.at, zone) for each in seen.lines[0].cells] if seen.lines else [],
        told=told(seen.first, seen.at, zone) if seen.first else [],
        advice=advice(seen.first) if seen.first else [],
        pace=format_decimal(round(seen.pace, 1), locale=phrases.locale()),
        out_of_hours=_template(visit, seen),
        standing=standing,
        accounts=accounts,
    )


def told(line: Outlook, now: datetime, zone: str) -> list[str]:
    """What is in store for the language, a sentence each."""
    name = name_of(line.language)
    found = [_who(line, name, now, zone)] if not line.cells[0].people else []
    found.append(
        ngettext(
            "%(language)s: %(number)s case waits for us.",
            "%(language)s: %(number)s cases wait for us.",
            line.waiting,
            language=name,
        )
    )
    if number := round(line.expected):
        found.append(
            ngettext(
                "About %(number)s message is expected in the next 24 hours.",
                "About %(number)s messages are expected in the next 24 hours.",
                number,
            )
        )
    return found + _too_late(line, now, zone)


def _who(line: Outlook, name: str, now: datetime, zone: str) -> str:
    if line.nobody_until is None:
        return _("%(language)s: nobody who writes it is on shift in the next 24 hours.", language=name)
    until = clock_time(line.nobody_until, zone, since=now)
    return _("%(language)s: nobody who writes it is on shift until %(time)s.", language=name, time=until)


def _too_late(line: Outlook, now: datetime, zone: str) -> list[str]:
    found = []
    if line.overdue:
        found.append(
            ngettext(
                "%(number)s of them is overdue already.",
                "%(number)s of them are overdue already.",
                line.overdue,
            )
        )
    if line.breach_at:
        due = clock_time(line.breach_at, zone, since=now)
        found.append(_("The next one is due at %(time)s and will not be answered by then.", time=due))
    return found


def advice(line: Outlook) -> list[str]:
    """What could be done, a sentence each; the text for out of hours apart."""
    name, found = name_of(line.language), []
    if line.ask:
        some = listed(line.ask[:MOST_NAMES])
        found.append(
            _("Ask who writes %(language)s and is not there now: %(names)s.", language=name, names=some)
        )
    for other, number in line.stand_in:
        found.append(
            ngettext(
                "%(other)s may stand in: %(number)s person on shift reads it.",
                "%(other)s may stand in: %(number)s people on shift read it.",
                number,
                other=name_of(other),
            )
        )
    if not (line.ask or line.stand_in):
        found.append(
            _("Find somebody who writes %(language)s, or name a language that may stand in.", language=name)
        )
    return found


def listed(names: Sequence[str]) -> str:
    return str(format_list(list(names), locale=phrases.locale()))


def standing(cell: Cell) -> str:
    """In a word: `nobody`, `behind`, or nothing when it goes well."""
    if cell.uncovered:
        return "nobody"
    return "behind" if cell.backlog >= 0.5 else ""


def _hour(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _template(visit: Visit, seen: Radar) -> str | None:
    """The text that is for out of hours, if the library has one in that language."""
    if seen.first is None or not seen.first.nobody_until:
        return None
    library, language = visit.desk.library, seen.first.language
    texts = (each.id for each in library.templates if _OUT_OF_HOURS in each.stages)
    return next(
        (f"/replies/{each}/{language}" for each in texts if language in library.catalog.languages), None
    )
