"""The queue: which cases wait, in which languages, and who is on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import languages, targets
from socialdesk.cases import Case
from socialdesk.casework import tagging
from socialdesk.console import choosing, health, rows
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.flash import flash
from socialdesk.customers import Customer
from socialdesk.errors import BadInput
from socialdesk.health import AccountHealth
from socialdesk.incidents import incidents
from socialdesk.incidents.incidents import Incident
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.topics import TOPICS
from socialdesk.worklists import queues, views
from socialdesk.worklists.queues import Cases, Numbers, Place

router = APIRouter()
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
_WAITING_LISTS = (Cases.WAITING, Cases.UNASSIGNED, Cases.MINE)
_LONGEST_FIRST = mark("personal data in public first, then longest waiting")
_DUE_FIRST = mark("personal data in public first, then due first, then longest waiting")
ORDERS = {
    Cases.DUE: mark("personal data in public first, then due first"),
    Cases.FAILED: mark("the oldest failure first"),
    Cases.SNOOZED: mark("back soonest first"),
}
KEPT_BY_LANGUAGE = (Cases.WAITING, Cases.ANSWERED, Cases.SNOOZED, Cases.RESOLVED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue an agent works through; "waiting.pl" or "mine..payment.2" in addresses.

    `account` and `tag` are row ids: what a tag is called may change.
    """

    status: Cases = Cases.WAITING
    language: str | None = None
    topic: str | None = None
    account: int | None = None
    tag: int | None = None

    @classmethod
    def parse(cls, told: str) -> Filter | None:
        """None when it is no filter: an address may come from anywhere."""
        status, language, topic, account, tag = (*told.split(".", 4), "", "", "", "")[:5]
        if (
            status not in list(Cases)
            or (language and not known(language))
            or (topic and topic not in TOPICS)
            or any(each and not _is_row_id(each) for each in (account, tag))
        ):
            return None
        ids = [int(each) if each else None for each in (account, tag)]
        return cls(Cases(status), language or None, topic or None, *ids)

    def __str__(self) -> str:
        ids = (str(self.account or ""), str(self.tag or ""))
        return ".".join((self.status, self.language or "", self.topic or "", *ids)).rstrip(".")

    def narrowing(self, visit: Visit) -> dict[str, Any]:
        """What queues.page and the others ask for, besides the list."""
        return {"language": self.language, "topic": self.topic, "tag": self.tag} | self.whose(visit)

    def whose(self, visit: Visit) -> dict[str, Any]:
        return {"account": self.account, "agent": visit.agent.id, "accounts": visit.accounts}

    def but(self, **changes: Any) -> Filter:
        """The same list with another status, language, topic or tag."""
        return replace(self, **changes)

    def address(self, *, after: Place | None = None, done: str = "") -> str:
        """Where this list is, further down in it, or with something to tell."""
        return _address(self, after, done)


@lru_cache(maxsize=10_000)  # a page has forty of them, and most are on every page
def _address(wanted: Filter, after: Place | None, done: str) -> str:
    query: dict[str, Any] = {"status": str(wanted.status), "language": wanted.language, "topic": wanted.topic}
    query |= {"account": wanted.account, "tag": wanted.tag, "done": done}
    if after:
        query["after"] = _written(after)
    return f"/queue?{urlencode({key: value for key, value in query.items() if value})}"


def _is_row_id(told: str) -> bool:
    return told.isascii() and told.isdigit() and 0 < int(told[:12]) <= LARGEST_ID


def known(language: str) -> bool:
    return language in languages.LANGUAGES or language in (languages.OTHER, languages.UNDETERMINED)


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
    done: str = "",
) -> Response:
    wanted, place = replace(_asked(status, language, topic, account), tag=tag), _place(after)
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
        page = queues.page(session, status, after=place, **wanted.narrowing(visit))
        numbers = queues.numbers(session, status, **wanted.whose(visit))
        under_way = choosing.under_way(session, visit.desk, page.rows)
        saved = views.of(session, visit.agent)
        hit = _incidents(session, accounts, page.rows)
        timed = targets.in_force(session).fingerprint is not None
        tagged = tagging.named(session, tag).name if tag else None
        names, told_now = visit.names(session), flash(session, done, accounts, visit.desk.settings.sending)
    return visit.page(
        "queue.html",
        wanted=wanted,
        page=page,
        first=place is None,
        numbers=numbers,
        topics=TOPICS,
        tagged=tagged,
        titles=TITLES,
        order=_order(wanted.status, timed=timed),
        timed=timed,
        most_counted=queues.MOST_COUNTED,
        views=[(view, found) for view in saved if (found := Filter.parse(view.filter))],
        languages=languages.LANGUAGES,
        counted=wanted.status in KEPT_BY_LANGUAGE,
        number=_number(wanted, numbers),
        rows=list(rows.of(page.rows, under_way, hit, names)),
        accounts=accounts,
        flash=told_now,
    )


def _asked(status: Cases, language: str, topic: str, account: int | None) -> Filter:
    if language and not known(language):
        raise BadInput(_("“%(language)s” is none of the desk's languages.", language=language))
    if topic and topic not in TOPICS:
        raise BadInput(_("“%(topic)s” is none of the desk's topics.", topic=topic))
    return Filter(status, language or None, topic or None, account)


def _order(status: Cases, *, timed: bool) -> str:
    if status in _WAITING_LISTS:
        return _DUE_FIRST if timed else _LONGEST_FIRST
    return ORDERS.get(status, mark("newest first"))


def _incidents(
    session: Session, accounts: Sequence[AccountHealth], rows: Sequence[tuple[Case, Customer]]
) -> dict[int, Incident]:
    """By case, the open incident that it belongs to; nothing is asked while there is none."""
    if not any(each.has_incident for each in accounts):
        return {}
    return incidents.of_cases(session, [case.id for case, _ in rows if case.id])


def _number(wanted: Filter, numbers: Numbers) -> int | None:
    """How many cases the whole list has; None where nobody keeps count: of a topic or a tag, or a language
    in lists that are another one for every agent."""
    if wanted.topic or wanted.tag or (wanted.language and wanted.status not in KEPT_BY_LANGUAGE):
        return None
    if wanted.language:
        return numbers.by_language.get(wanted.language, 0)
    return numbers.by_list[wanted.status]


def _written(place: Place) -> str:
    due_at = place.due_at.isoformat() if place.due_at else ""
    exposed = "exposed" if place.exposed else ""
    return f"{place.at.isoformat()}~{place.case_id}~{exposed}~{due_at}".rstrip("~")


def _place(written: str) -> Place | None:
    if not written:
        return None
    at, case_id, exposed, due_at = (*written.split("~", 3), "", "", "")[:4]
    try:
        due = _moment(due_at) if due_at else None
        return Place(_moment(at), min(int(case_id), LARGEST_ID), exposed == "exposed", due)
    except (ValueError, OverflowError):
        raise BadInput(_("That page of the queue does not exist: begin at its top.")) from None


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)
