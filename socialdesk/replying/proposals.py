"""Which template the desk puts before an agent for a waiting case, and why that one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from socialdesk import gratitude, phrases
from socialdesk.cases import Case, Status
from socialdesk.messages import Message, Visibility
from socialdesk.phrases import mark
from socialdesk.templating.catalog import Stage, TemplateEntry
from socialdesk.templating.library import Library
from socialdesk.topics import TOPICS

WAITED_LONG = timedelta(hours=24)
ASKED_AGAIN = timedelta(hours=1)  # later is not the second half of the same thought
_FOR_EVERYTHING = "other"

_WHY: dict[Stage, str] = {
    "first": mark("Nothing has been answered yet."),
    "follow_up": mark("The customer has come back with more."),
    "waiting": mark("The customer has waited long or asks again."),
    "resolved": mark("Nothing is left to answer, and the matter may be settled."),
    "exposed": mark("The post shows personal data to everybody."),
    "out_of_hours": mark("Nobody is there to look into it now."),
    "thanks": mark("The customer says thank you."),
}
# What is said when there is nothing to say for that: what is exposed needs its own words, or none.
_INSTEAD: dict[Stage, tuple[Stage, ...]] = {
    "waiting": ("follow_up", "first"),
    "follow_up": ("first",),
    "out_of_hours": ("first",),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`why` is a sentence for the agent."""

    template: TemplateEntry
    language: str
    why: str


def propose(
    library: Library,
    case: Case,
    said: Sequence[Message],
    *,
    language: str,
    visibility: str,
    now: datetime,
    given: Collection[str] = (),
    is_open: bool = True,
) -> Proposal | None:
    """The template that fits what the case is about and where it stands; None when none does.

    `said` is the whole thread, oldest first; `language` and `visibility` are the answer's; templates in
    `given` have been sent in this case already. Of several the catalog's first one is taken, those of the
    case's topic before those for everything.
    """
    reached = stage(case, said, visibility=visibility, now=now, is_open=is_open)
    offers = [entry for entry in library.offers(language, visibility) if entry.id not in given]
    for each in (reached, *_INSTEAD.get(reached, ())):
        for entry in _of_topic(offers, case.topic):
            if each in entry.stages:
                return Proposal(entry, language, _sentence(entry, reached))
    return None


def stage(
    case: Case, said: Sequence[Message], *, visibility: str, now: datetime, is_open: bool = True
) -> Stage:
    """Where the case stands for somebody who is about to answer it."""
    if case.exposed and visibility == Visibility.PUBLIC:
        return "exposed"
    answered = any(message.ours for message in said)
    unanswered = _unanswered(said)
    if answered and unanswered and all(gratitude.says_thanks(each.text) for each in unanswered):
        return "thanks"
    if case.status != Status.WAITING or not unanswered:
        return "resolved"
    if not is_open:
        return "out_of_hours"
    if _has_waited(case, unanswered, now):
        return "waiting"
    return "follow_up" if answered else "first"


def _unanswered(said: Sequence[Message]) -> list[Message]:
    """What the customer has written since our last words."""
    found: list[Message] = []
    for message in reversed(said):
        if message.ours:
            break
        found.append(message)
    return found[::-1]


def _has_waited(case: Case, unanswered: Sequence[Message], now: datetime) -> bool:
    since = case.waiting_since or unanswered[0].sent_at
    return now - since >= WAITED_LONG or unanswered[-1].sent_at - unanswered[0].sent_at >= ASKED_AGAIN


def _of_topic(offers: Sequence[TemplateEntry], topic: str | None) -> Iterator[TemplateEntry]:
    yield from (entry for entry in offers if entry.topic == topic)
    yield from (entry for entry in offers if entry.topic == _FOR_EVERYTHING != topic)


def _sentence(entry: TemplateEntry, reached: Stage) -> str:
    why = phrases.bare(_WHY[reached])
    if entry.topic == _FOR_EVERYTHING:
        return why
    about = phrases.gettext("The case is about: %(topic)s.", topic=phrases.bare(TOPICS[entry.topic]))
    return f"{about} {why}"
