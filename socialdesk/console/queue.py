"""The queue: which cases wait, in which languages, and who is on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import languages, targets
from socialdesk.casework import tagging
from socialdesk.console import changed, choosing, filters, glance, health, lists, rows
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.filters import OWN, Filter
from socialdesk.console.flash import flash
from socialdesk.errors import BadInput
from socialdesk.health import AccountHealth
from socialdesk.incidents import incidents
from socialdesk.incidents.incidents import Incident
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.topics import TOPICS
from socialdesk.worklists import newcomers, queues, together, views
from socialdesk.worklists.listed import Listed
from socialdesk.worklists.queues import Cases, Numbers

router = APIRouter()
_WAITING_LISTS = (Cases.WAITING, Cases.UNASSIGNED, Cases.MINE)
_LONGEST_FIRST = mark("personal data in public first, then longest waiting")
_DUE_FIRST = mark("personal data in public first, then due first, then longest waiting")
ORDERS = {
    Cases.DUE: mark("personal data in public first, then due first"),
    Cases.FAILED: mark("the oldest failure first"),
    Cases.SNOOZED: mark("back soonest first"),
}
_CHOICES: dict[str, Any] = {"topics": tuple(TOPICS), "languages": tuple(languages.LANGUAGES)}


@router.get("/")
def front(_visit: Admitted) -> Response:
    return RedirectResponse("/queue", 303)


@router.get("/queue")
def show(
    visit: Admitted,
    status: Cases = Cases.WAITING,
    language: str = "",
    topic: str = "",
    account: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    tag: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    after: Annotated[str, Query(max_length=120)] = "",
    since: Annotated[int | None, Query(ge=0, le=LARGEST_ID)] = None,
    done: str = "",
    chosen: Annotated[str, Query(max_length=1_200)] = "",
) -> Response:
    """`since` is the last event that an open page of the list has seen, `chosen` are ticked cases that have
    left it. What has come into the list since then is told as `further`, and those of these that the list
    still has as `carried`, where they stand on another page of it."""
    wanted, place = _asked(status, language, topic, account).but(tag=tag), filters.place(after)
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
        page = queues.listed_page(session, status, after=place, **wanted.narrowing(session, visit))
        numbers, tongues = queues.numbers(session, status, **wanted.whose(visit)), visit.tongues(session)
        further = _further(session, visit, wanted, since, page.rows) if page.next or place else []
        held = _elsewhere(session, visit, wanted, chosen, page.rows)
        drawn = _drawn(session, visit, accounts, (page.rows, further, held), wanted)
        saved = views.of(session, visit.agent)
        timed = targets.in_force(session).fingerprint is not None
        tagged = tagging.named(session, tag).name if tag else None
        told_now = flash(session, done, accounts, visit.desk.settings.sending, by=visit.agent)
        told_together = changed.of(session, done, visit.agent)
    return visit.page(
        "queue.html",
        wanted=wanted,
        page=page,
        first=place is None,
        numbers=numbers,
        ways=lists.ways(wanted, numbers, tongues, timed=timed),
        tagged=tagged,
        **_headed(wanted, timed=timed),
        views=[(view, found) for view in saved if (found := Filter.parse(view.filter))],
        number=_number(wanted, numbers, tongues),
        **drawn,
        accounts=accounts,
        flash=told_now,
        changed=told_together,
        **_CHOICES | {"pane": glance.wanted(visit.request)},
    )


def _drawn(
    session: Session,
    visit: Visit,
    accounts: Sequence[AccountHealth],
    found: tuple[Sequence[Listed], ...],
    wanted: Filter,
) -> dict[str, Any]:
    """The page's rows, the further ones and those that are carried, read together."""
    shown = [row for each in found for row in each]
    under_way = choosing.under_way(session, visit.desk, shown)
    hit, snoozed = _incidents(session, accounts, shown), wanted.status == Cases.SNOOZED
    drawn = rows.of(shown, under_way, hit, visit.names(session), snoozed=snoozed)
    names = ("rows", "further", "carried")
    return {name: list(islice(drawn, len(each))) for name, each in zip(names, found, strict=True)}


def _asked(status: Cases, language: str, topic: str, account: int | None) -> Filter:
    if language and not filters.known(language):
        raise BadInput(_("“%(language)s” is none of the desk's languages.", language=language))
    if topic and topic not in TOPICS:
        raise BadInput(_("“%(topic)s” is none of the desk's topics.", topic=topic))
    return Filter(status, language or None, topic or None, account)


def _further(
    session: Session, visit: Visit, wanted: Filter, since: int | None, here: Sequence[Listed]
) -> Sequence[Listed]:
    if since is None:
        return []
    asked = wanted.narrowing(session, visit)
    found = newcomers.of(session, wanted.status, since=since, newest=visit.newest, **asked)
    on_this_page = {row.id for row in here}
    return [row for row in found if row.id not in on_this_page]


def _elsewhere(
    session: Session, visit: Visit, wanted: Filter, chosen: str, here: Sequence[Listed]
) -> Sequence[Listed]:
    """Those of the chosen cases that the list has on its other pages, in its order."""
    named = (each[:10] for each in chosen.split(",") if each.isascii() and each.isdigit())
    ids = {int(each) for each in named if int(each) <= LARGEST_ID} - {row.id for row in here}
    if not ids:
        return []
    asked = wanted.narrowing(session, visit)
    asked_for = sorted(ids)[: together.MOST]
    return queues.listed_page(session, wanted.status, **asked, among=asked_for, size=len(asked_for)).rows


def _headed(wanted: Filter, *, timed: bool) -> dict[str, Any]:
    """What stands above the list."""
    tongue = filters.name_of(wanted.language) if wanted.language else ""
    order = _order(wanted.status, timed=timed)
    return {"title": lists.TITLES[wanted.status], "tongue": tongue, "order": order}


def _order(status: Cases, *, timed: bool) -> str:
    if status in _WAITING_LISTS:
        return _DUE_FIRST if timed else _LONGEST_FIRST
    return ORDERS.get(status, mark("newest first"))


def _incidents(
    session: Session, accounts: Sequence[AccountHealth], rows: Sequence[Listed]
) -> dict[int, Incident]:
    """By case, the open incident that it belongs to; nothing is asked while there is none."""
    if not any(each.has_incident for each in accounts):
        return {}
    return incidents.of_cases(session, [row.id for row in rows])


def _number(wanted: Filter, numbers: Numbers, tongues: Collection[str]) -> int | None:
    """How many cases the whole list has; None where nobody keeps count: of a topic or a tag, or a language
    in lists that are another one for every agent."""
    if wanted.topic or wanted.tag or (wanted.language and wanted.status not in lists.KEPT_BY_LANGUAGE):
        return None
    narrowed = tongues if wanted.language == OWN else filter(None, [wanted.language])
    return numbers.within(of) if (of := tuple(narrowed)) else numbers.by_list[wanted.status]
