"""When customers write: a daily curve for each language by the clocks of its speakers, and one incident."""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

START = datetime(2026, 3, 23, tzinfo=UTC)  # a Monday; Europe's clocks go forward on the Sunday
DAYS = 7
PRIVATE_SHARE = 0.1
# Of all messages, in hundredths; where most of its customers live.
SHARES = {
    "en": (28, "America/New_York"),
    "de": (11, "Europe/Berlin"),
    "es": (10, "Europe/Madrid"),
    "fr": (10, "Europe/Paris"),
    "ja": (10, "Asia/Tokyo"),
    "it": (8, "Europe/Rome"),
    "pt": (6, "America/Sao_Paulo"),
    "tr": (4, "Europe/Istanbul"),
    "nl": (4, "Europe/Amsterdam"),
    "pl": (4, "Europe/Warsaw"),
    "cs": (2, "Europe/Prague"),
    "sv": (2, "Europe/Stockholm"),
    "ar": (1, "Asia/Riyadh"),
}
# By the hour on the customers' clock: hardly anybody at night, most before noon and in the evening.
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 9, 9, 9, 10, 11, 12, 13, 13, 11, 7, 4)
WEEKDAYS = (11, 10, 10, 10, 10, 8, 8)
INCIDENT_BEGINS, INCIDENT_HOURS = START + timedelta(days=2, hours=9), 4
INCIDENT_SHARE = 0.03  # of the week's messages, on top of what these four hours bring anyway
INCIDENT_LANGUAGES = ("de", "fr", "it", "en")


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """Somebody writes for the first time."""

    at: datetime
    language: str
    private: bool
    incident: bool


def arrivals(conversations: int, chance: random.Random) -> list[Arrival]:
    """So many in the week, in order; the same chance gives the same week."""
    of_incident = round(conversations * INCIDENT_SHARE)
    found = sorted(_usual(conversations - of_incident, chance))
    for each in _incident(of_incident, chance):
        insort(found, each)
    return found


def _usual(number: int, chance: random.Random) -> Iterator[Arrival]:
    languages = list(SHARES)
    weights = [SHARES[language][0] for language in languages]
    for language in chance.choices(languages, weights, k=number):
        day = chance.choices(range(DAYS), WEEKDAYS)[0]
        hour = chance.choices(range(24), HOURS)[0]
        on_the_wall = START.replace(tzinfo=ZoneInfo(SHARES[language][1])) + timedelta(
            days=day, hours=hour, seconds=chance.uniform(0, 3600)
        )
        at = on_the_wall.astimezone(UTC)
        week = timedelta(days=DAYS)
        at += week if at < START else -week if at >= START + week else timedelta(0)
        yield Arrival(at, language, chance.random() < PRIVATE_SHARE, incident=False)


def _incident(number: int, chance: random.Random) -> Iterator[Arrival]:
    """Rises within minutes, and ebbs away."""
    for _ in range(number):
        after = timedelta(hours=INCIDENT_HOURS * chance.betavariate(1.3, 2.5))
        yield Arrival(
            INCIDENT_BEGINS + after, chance.choice(INCIDENT_LANGUAGES), chance.random() < PRIVATE_SHARE, True
        )
