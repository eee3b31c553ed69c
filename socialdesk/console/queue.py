"""The queue: which cases wait, in which languages, and who is on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from socialdesk import agents, languages, queues
from socialdesk.cases import Case, Status
from socialdesk.console import health
from socialdesk.console.access import Admitted
from socialdesk.console.flash import flash
from socialdesk.errors import BadInput
from socialdesk.queues import Place
from socialdesk.replies import Reply, State

router = APIRouter()
_AHEAD = 20  # how many cases are looked at for the next one that nobody is answering
# What the queue tells of a case's replies: these come before what was sent.
_TOLD = (State.DRAFT, State.APPROVED, State.SENDING, State.UNKNOWN, State.HELD)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue an agent works through; "waiting.pl" in addresses."""

    status: Status = Status.WAITING
    language: str | None = None

    @classmethod
    def parse(cls, told: str) -> Filter | None:
        """None when it is no filter: an address may come from anywhere."""
        status, _, language = told.partition(".")
        if status not in list(Status) or (language and not known(language)):
            return None
        return cls(Status(status), language or None)

    def __str__(self) -> str:
        return f"{self.status}.{self.language}" if self.language else str(self.status)

    def address(self, *, language: str | None = None, after: Place | None = None, done: str = "") -> str:
        """Where this list is, or the same with another language, further down, or with something to tell."""
        query = {"status": str(self.status), "language": language or self.language, "done": done}
        if after:
            query["after"] = _written(after)
        return f"/queue?{urlencode({key: value for key, value in query.items() if value})}"


def known(language: str) -> bool:
    return language in languages.LANGUAGES or language in (languages.OTHER, languages.UNDETERMINED)


@router.get("/")
def front(_: Admitted) -> Response:
    return RedirectResponse("/queue", 303)


@router.get("/queue")
def show(
    visit: Admitted,
    status: Status = Status.WAITING,
    language: str = "",
    after: Annotated[str, Query(max_length=80)] = "",
    done: str = "",
) -> Response:
    if language and not known(language):
        raise BadInput(f"“{language}” is none of the desk's languages.")
    wanted = Filter(status, language or None)
    place = _place(after)
    with visit.database.reading() as session:
        page = queues.page(session, status, language=wanted.language, after=place)
        return visit.page(
            "queue.html",
            wanted=wanted,
            page=page,
            first=place is None,
            numbers=queues.numbers(session, status),
            names=agents.names(session),
            under_way_states=replies_told(session, [case.id for case, _ in page.rows if case.id]),
            accounts=health.read(session),
            flash=flash(done),
        )


def next_case(session: Session, wanted: Filter, case: Case) -> Case | None:
    """The case to take after this one: the next in its list, else the first, that nobody is answering."""
    behind = Place(case.waiting_since, case.id) if case.waiting_since and case.id else None
    for place in dict.fromkeys((behind, None)):
        page = queues.page(session, wanted.status, language=wanted.language, after=place, size=_AHEAD)
        rows = [found for found, _ in page.rows if found.id != case.id]
        busy = replies_told(session, [found.id for found in rows if found.id])
        if free := next((found for found in rows if found.id not in busy), None):
            return free
    return None


def replies_told(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """The state of the newest reply that is not sent yet, by case."""
    if not case_ids:
        return {}
    query = select(Reply.case_id, Reply.state).where(
        col(Reply.case_id).in_(case_ids), col(Reply.state).in_(_TOLD)
    )
    return dict(session.exec(query.order_by(col(Reply.id))).all())


def _written(place: Place) -> str:
    return f"{place.at.isoformat()}~{place.case_id}"


def _place(written: str) -> Place | None:
    if not written:
        return None
    at, _, case_id = written.partition("~")
    try:
        place = Place(datetime.fromisoformat(at), int(case_id))
    except ValueError:
        raise BadInput("That page of the queue does not exist: begin at its top.") from None
    if place.at.tzinfo is None:
        raise BadInput("That page of the queue does not exist: begin at its top.")
    return place
