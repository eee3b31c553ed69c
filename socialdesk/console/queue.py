"""The queue: which cases wait, in which languages, and who is on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from socialdesk import languages, queues, replies
from socialdesk.cases import Status
from socialdesk.console import choosing, health
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.flash import flash
from socialdesk.errors import BadInput
from socialdesk.queues import Numbers, Place
from socialdesk.topics import TOPICS

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue an agent works through; "waiting.pl" or "waiting..payment" in addresses."""

    status: Status = Status.WAITING
    language: str | None = None
    topic: str | None = None

    @classmethod
    def parse(cls, told: str) -> Filter | None:
        """None when it is no filter: an address may come from anywhere."""
        status, language, topic = (*told.split(".", 2), "", "")[:3]
        if (
            status not in list(Status)
            or (language and not known(language))
            or (topic and topic not in TOPICS)
        ):
            return None
        return cls(Status(status), language or None, topic or None)

    def __str__(self) -> str:
        return f"{self.status}.{self.language or ''}.{self.topic or ''}".rstrip(".")

    def but(self, **changes: Any) -> Filter:
        """The same list with another status, language or topic."""
        return replace(self, **changes)

    def address(self, *, after: Place | None = None, done: str = "") -> str:
        """Where this list is, further down in it, or with something to tell."""
        query = {"status": str(self.status), "language": self.language, "topic": self.topic, "done": done}
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
    topic: str = "",
    after: Annotated[str, Query(max_length=80)] = "",
    done: str = "",
) -> Response:
    if language and not known(language):
        raise BadInput(f"“{language}” is none of the desk's languages.")
    if topic and topic not in TOPICS:
        raise BadInput(f"“{topic}” is none of the desk's topics.")
    wanted = Filter(status, language or None, topic or None)
    place = _place(after)
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
        page = queues.page(session, status, language=wanted.language, topic=wanted.topic, after=place)
        numbers = queues.numbers(session, status)
        under_way_states = replies.unsent(session, [case.id for case, _ in page.rows if case.id])
        written = choosing.of_rows(session, visit.desk, page.rows, under_way_states)
        names, told_now = visit.names(session), flash(session, done, accounts)
    return visit.page(
        "queue.html",
        wanted=wanted,
        page=page,
        first=place is None,
        numbers=numbers,
        topics=TOPICS,
        number=_number(wanted, numbers),
        under_way_states=under_way_states,
        drafts=written,
        names=names,
        accounts=accounts,
        flash=told_now,
    )


def _number(wanted: Filter, numbers: Numbers) -> int | None:
    """How many cases the whole list has; None for those of one topic, which nobody keeps count of."""
    if wanted.topic:
        return None
    if wanted.language:
        return numbers.by_language.get(wanted.language, 0)
    return numbers.by_status[wanted.status]


def _written(place: Place) -> str:
    return f"{place.at.isoformat()}~{place.case_id}{'~exposed' if place.exposed else ''}"


def _place(written: str) -> Place | None:
    if not written:
        return None
    at, case_id, exposed = (*written.split("~", 2), "", "")[:3]
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        return Place(moment.astimezone(UTC), min(int(case_id), LARGEST_ID), exposed == "exposed")
    except (ValueError, OverflowError):
        raise BadInput("That page of the queue does not exist: begin at its top.") from None
