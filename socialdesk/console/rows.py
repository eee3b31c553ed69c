"""A case in a list as it is shown: with nothing in it that the page has to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialdesk import clock, time_left
from socialdesk.cases import Case
from socialdesk.console.choosing import Draft, UnderWay
from socialdesk.customers import Customer
from socialdesk.incidents.incidents import Incident
from socialdesk.phrases import gettext as _
from socialdesk.time_left import TimeLeft


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
    """`since` is from when on the customer has waited, or of the last message where nobody waits."""

    sketch: Sketch
    since: datetime
    waiting: bool
    snoozed_until: datetime | None
    left: TimeLeft


def of(
    found: Sequence[tuple[Case, Customer]],
    under_way: UnderWay,
    incidents: Mapping[int, Incident],
    names: Mapping[int, str],
) -> Iterator[Row]:
    somebody = _("Somebody")
    for case, customer in found:
        case_id = case.id or 0
        assignee = names.get(case.assignee_id, somebody) if case.assignee_id else None
        hit, draft = incidents.get(case_id), under_way.drafts.get(case_id)
        sketch = _sketch(case, customer, hit, under_way.states.get(case_id), draft, assignee)
        since = case.waiting_since or case.last_message_at
        yield Row(sketch, since, case.waiting_since is not None, case.snoozed_until, left(case))


def _sketch(
    case: Case,
    customer: Customer,
    incident: Incident | None,
    state: str | None,
    draft: Draft | None,
    assignee: str | None,
) -> Sketch:
    return Sketch(
        case_id=case.id or 0,
        visibility=case.visibility,
        handle=f"@{customer.handle}" if customer.handle else customer.shown,
        name=customer.name,
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


def left(case: Case) -> TimeLeft:
    """How long the case has until it is due, now."""
    return time_left.of(case.due_at, paused=case.paused, now=clock.now())
