"""A case in a list as it is shown: with nothing in it that the page has to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialdesk import clock, time_left
from socialdesk.console import words
from socialdesk.console.choosing import Draft, UnderWay
from socialdesk.console.words import Mark
from socialdesk.customers import called
from socialdesk.incidents.incidents import Incident
from socialdesk.phrases import gettext as _
from socialdesk.time_left import TimeLeft
from socialdesk.worklists.listed import Listed


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a row says of its case, but for the times: rows that are equal look the same, and are drawn once.

    `incident`, `template` and `assignee` are names; `template` is whose own words the draft has.
    """

    case_id: int
    visibility: str
    handle: str
    name: str | None
    language: str
    sure: bool
    exposed: bool
    topic: str | None
    tags: tuple[str, ...]
    excerpt: str
    incident: str | None
    state: str | None
    template: str | None
    waits: bool
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """`since` is from when on the customer has waited, or of the last message where nobody waits;
    `comes_back` is when in a list of what is snoozed."""

    sketch: Sketch
    since: Mark
    waiting: bool
    comes_back: datetime | None
    left: TimeLeft


def of(
    found: Sequence[Listed],
    under_way: UnderWay,
    incidents: Mapping[int, Incident],
    names: Mapping[int, str],
    *,
    snoozed: bool = False,
) -> Iterator[Row]:
    """`snoozed` says that it is the list of what comes back later."""
    somebody, now = _("Somebody"), clock.now()
    for case in found:
        assignee = names.get(case.assignee_id, somebody) if case.assignee_id else None
        hit, draft = incidents.get(case.id), under_way.drafts.get(case.id)
        sketch = _sketch(case, hit, under_way.states.get(case.id), draft, assignee)
        since = words.age_mark(case.waiting_since or case.last_message_at)
        left = time_left.of(case.due_at, paused=case.paused, now=now)
        yield Row(
            sketch, since, case.waiting_since is not None, case.snoozed_until if snoozed else None, left
        )


def _sketch(
    case: Listed,
    incident: Incident | None,
    state: str | None,
    draft: Draft | None,
    assignee: str | None,
) -> Sketch:
    return Sketch(
        case_id=case.id,
        visibility=case.visibility,
        handle=f"@{case.handle}" if case.handle else called(None, case.x_id),
        name=case.name,
        language=case.language,
        sure=case.language_sure,
        exposed=case.exposed,
        topic=case.topic,
        tags=tuple(tag.name for tag in case.tags),
        excerpt=case.excerpt,
        incident=incident.name if incident else None,
        state=state,
        template=draft.template if draft else None,
        waits=draft.waits if draft else False,
        assignee=assignee,
    )
