"""The ways beside the queue: to its lists, and to the same list in one language or about one topic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from socialdesk import languages
from socialdesk.console.filters import OWN, Filter, name_of
from socialdesk.console.words import topic_name
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.topics import TOPICS
from socialdesk.worklists.queues import MOST_COUNTED, Cases, Numbers

TITLES = {
    Cases.WAITING: mark("Waiting for us"),
    Cases.UNASSIGNED: mark("Unassigned"),
    Cases.MINE: mark("Mine"),
    Cases.DUE: mark("Due soon"),
    Cases.MENTIONS: mark("Mentions"),
    Cases.ANSWERED: mark("Waiting for customer"),
    Cases.FAILED: mark("Failed"),
    Cases.SNOOZED: mark("Snoozed"),
    Cases.RESOLVED: mark("Resolved"),
}
KEPT_BY_LANGUAGE = (Cases.WAITING, Cases.ANSWERED, Cases.SNOOZED, Cases.RESOLVED)


class Way(NamedTuple):
    """`number` is how many cases are there, None where that would mislead or nobody keeps count; with `more`
    there may be others besides."""

    address: str
    says: str
    current: bool
    number: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """They can be hashed: the pages draw the same ones once."""

    lists: tuple[Way, ...]
    languages: tuple[Way, ...]
    topics: tuple[Way, ...]


def ways(wanted: Filter, numbers: Numbers, own: Sequence[str], *, timed: bool) -> Ways:
    """From that list; what is due is a list of its own while there are targets (`timed`). `own` are the
    languages that the agent writes."""
    # kept for all topics and tags together: beside a list of one they would mislead
    told = {} if wanted.topic or wanted.tag else numbers.by_list
    return Ways(
        tuple(_to_lists(wanted, told, timed=timed)),
        tuple(_to_languages(wanted, told, numbers, own)),
        tuple(_to_topics(wanted)),
    )


def _to_lists(wanted: Filter, told: dict[str, int], *, timed: bool) -> Iterator[Way]:
    for status, title in TITLES.items():
        if status != Cases.DUE or timed or wanted.status == Cases.DUE:
            here = wanted.status == status
            yield Way(wanted.but(status=status).address(), _(title), here, *_number(told, status))


def _to_languages(
    wanted: Filter, told: dict[str, int], numbers: Numbers, own: Sequence[str]
) -> Iterator[Way]:
    """Those that anything is in, or all where that is not counted; the one that is looked at in any case."""
    counted, here = wanted.status in KEPT_BY_LANGUAGE, wanted.language
    yield Way(wanted.but(language=None).address(), _("All"), not here, *_number(told, wanted.status))
    offered = numbers.by_language if counted else languages.LANGUAGES
    first = [OWN] if own or here == OWN else []
    for code in dict.fromkeys([*first, *offered, *filter(None, [here])]):
        number = numbers.within(own if code == OWN else [code]) if counted and told else None
        yield Way(wanted.but(language=code).address(), name_of(code), here == code, number)


def _to_topics(wanted: Filter) -> Iterator[Way]:
    yield Way(wanted.but(topic=None).address(), _("All"), not wanted.topic)
    for code in TOPICS:
        yield Way(wanted.but(topic=code).address(), topic_name(code), wanted.topic == code)


def _number(told: dict[str, int], status: Cases) -> tuple[int | None, bool]:
    number = told.get(status)
    return number, status == Cases.DUE and (number or 0) >= MOST_COUNTED
