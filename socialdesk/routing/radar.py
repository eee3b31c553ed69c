"""The coverage of the coming 24 hours, put together: eight statements, however large the desk is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from socialdesk import clock, hours, targets
from socialdesk.routing import coverage, demand, staff
from socialdesk.routing.choosing import Person
from socialdesk.routing.coverage import DueAt, Radar
from socialdesk.settings import Settings
from socialdesk.settings.promises import DueFor, Targets

_CHANNELS = ("public", "private")


def look(session: Session, settings: Settings, accounts: Collection[int] | None = None) -> Radar:
    """As far as these accounts go; None is all. Whoever works for others too is counted whole."""
    now = clock.now()
    people = [each for each in staff.read(session, settings.routing) if _works_for(each, accounts)]
    asked = demand.read(session, now, accounts)
    pace, measured = demand.pace(asked, people, settings.routing.cases_per_hour)
    return coverage.foresee(
        asked,
        people,
        now,
        pace=pace,
        measured=measured,
        due_at=_due_at(settings.targets, [each.handle for each in settings.accounts]),
        fallback=settings.routing.fallback,
    )


def _works_for(person: Person, accounts: Collection[int] | None) -> bool:
    return accounts is None or any(person.works_for(each) for each in accounts)


def _due_at(promised: Targets, handles: Collection[str]) -> DueAt:
    """By the strictest first response that is promised in the language, at any account and by either way."""

    def due_at(language: str, at: datetime) -> datetime | None:
        moments = []
        for handle in handles:
            for channel in _CHANNELS:
                rule = targets.rule_for(promised, account=handle, channel=channel, language=language)
                seconds = rule.seconds(DueFor.FIRST_RESPONSE) if rule else None
                if rule and seconds is not None:
                    moments.append(hours.after(promised.opened[rule.calendar], at, seconds))
        return min(moments, default=None)

    return due_at
