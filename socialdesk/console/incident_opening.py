"""Opening an incident: which cases it would have, which of them it gets, and its name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.incidents import handles
from socialdesk.customers import Customer
from socialdesk.errors import BadInput
from socialdesk.incidents import incidents, joining, waves
from socialdesk.incidents.incidents import How, Incident
from socialdesk.incidents.waves import Wave
from socialdesk.languages import LANGUAGES
from socialdesk.people.permissions import Verb
from socialdesk.phrases import gettext as _
from socialdesk.topics import TOPICS

router = APIRouter()
LONGEST_HOURS = 72
NONE, ALL = "none", "all"
Hours = Annotated[float, Query(gt=0, le=LONGEST_HOURS)]
Short = Annotated[str, Query(max_length=60)]
Words = Annotated[str, Query(max_length=2_000)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an incident would be about. `languages` may hold some in which we have no templates: their cases
    are linked, and get no holding reply."""

    account: int
    topic: str
    languages: list[str]
    words: str
    hours: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it stands: `ticked` are cases, None for all of them."""

    name: str = ""
    ticked: frozenset[int] | None = None
    problem: str | None = None


class Opening(BaseModel):
    """The form as it was sent. `tick` is the button that ticks all, none, or those of one language."""

    account: Id
    name: str = ""
    topic: str = Field(default="", max_length=60)
    language: list[str] = []
    words: str = Field(default="", max_length=2_000)
    hours: float = Field(default=1, gt=0, le=LONGEST_HOURS * 10)
    wave: Id | None = None
    case: list[int] = []
    shown: list[int] = []
    tick: str = Field(default="", max_length=8)

    @property
    def about(self) -> Asked:
        since = clock.now() - timedelta(hours=self.hours)
        return Asked(self.account, self.topic, self.language, self.words, self.hours, since)


@router.get("/incidents/opening")
def prepare(
    visit: Admitted,
    wave: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    account: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    topic: Short = "",
    language: Annotated[list[str] | None, Query()] = None,
    words: Words = "",
    hours: Hours = 1,
) -> Response:
    """Which cases an incident would have: of a wave, or of what the form asks for."""
    with visit.database.reading() as session:
        found = waves.find(session, wave) if wave else None
        asked = (
            _of_wave(found) if found else _asked(visit, session, account, topic, language or [], words, hours)
        )
        return _page(visit, session, found, asked, Written())


@router.post("/incidents")
def open_one(visit: Admitted, form: Annotated[Opening, Form()]) -> Response:
    """With the cases left ticked, not the others of those `shown`; what comes later joins by itself. What is
    refused is shown again with its name and its ticks."""
    visit.require(form.account, Verb.HANDLE_INCIDENT)
    if form.tick:
        return _again(visit, form, form.tick)
    try:
        with visit.database.transaction() as session:
            incident_id = _open(session, visit, form)
    except BadInput as error:
        return _again(visit, form, problem=str(error))
    visit.request.app.state.health.forget()
    return RedirectResponse(f"/incidents/{incident_id}", 303)


def _open(session: Session, visit: Visit, form: Opening) -> int | None:
    incident = incidents.open_new(
        session,
        by=visit.agent,
        account_id=form.account,
        name=form.name,
        begins_at=clock.now() - timedelta(hours=form.hours),
        topic=form.topic or None,
        languages=_answered_in(form.language),
        words=form.words,
    )
    if form.wave:
        incident.begins_at = waves.take_up(session, form.wave, incident).began_at
    _link(session, visit, incident, form)
    return incident.id


def _link(session: Session, visit: Visit, incident: Incident, form: Opening) -> None:
    chosen, left_out = _row_ids(form.case), _row_ids(form.shown) - _row_ids(form.case)
    joining.join(session, incident, chosen, How.WAVE if form.wave else How.HAND, by=visit.agent)
    joining.leave_out(session, incident, left_out, by=visit.agent)


def _again(visit: Visit, form: Opening, tick: str = "", problem: str | None = None) -> Response:
    with visit.database.reading() as session:
        found = waves.find(session, form.wave) if form.wave else None
        asked, ticked = form.about, frozenset(_row_ids(form.case))
        if found:
            asked = replace(asked, languages=found.tongues, since=found.began_at)
        if tick:
            ticked = frozenset(case.id or 0 for case, _who in _alike(session, asked) if _is_for(tick, case))
        written = Written(form.name, ticked, problem)
        return _page(visit, session, found, asked, written, status=422 if problem else 200)


def _page(
    visit: Visit, session: Session, wave: Wave | None, asked: Asked, written: Written, *, status: int = 200
) -> Response:
    cases = _alike(session, asked)
    return visit.page(
        "incidents/opening.html",
        status=status,
        wave=wave,
        asked=asked,
        written=written,
        cases=cases,
        spoken=Counter(case.language for case, _who in cases),
        answered_in=_answered_in(asked.languages),
        topics=TOPICS,
        languages=LANGUAGES,
        accounts=health.of(visit, session),
        handles=handles(visit, session),
    )


def _of_wave(wave: Wave) -> Asked:
    hours = (clock.now() - wave.began_at) / timedelta(hours=1)
    return Asked(wave.account_id, wave.topic, wave.tongues, "", hours, wave.began_at)


def _asked(
    visit: Visit,
    session: Session,
    account: int | None,
    topic: str,
    languages: list[str],
    words: str,
    hours: float,
) -> Asked:
    if topic and topic not in TOPICS:
        raise BadInput(_("Choose a topic."))
    accounts = health.of(visit, session)
    first = accounts[0].account_id if accounts else 0
    since = clock.now() - timedelta(hours=hours)
    return Asked(account or first, topic, _answered_in(languages), words, hours, since)


def _alike(session: Session, asked: Asked) -> list[tuple[Case, Customer]]:
    return joining.alike(
        session,
        account_id=asked.account,
        topic=asked.topic or None,
        languages=asked.languages,
        words=[line.strip() for line in asked.words.splitlines() if line.strip()][: incidents.MOST_WORDS],
        since=asked.since,
    )


def _answered_in(languages: list[str]) -> list[str]:
    """Those that have templates."""
    return [each for each in languages if each in LANGUAGES]


def _is_for(tick: str, case: Case) -> bool:
    return tick == ALL or (tick != NONE and case.language == tick)


def _row_ids(told: Any) -> set[int]:
    return {each for each in told or () if 0 < each <= LARGEST_ID}
