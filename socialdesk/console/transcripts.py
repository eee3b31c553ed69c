"""The transcript of a case: seen first, then sent to the customer who asked for it."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases, phrases, transcripts
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import RowId, address
from socialdesk.console.pages import Pages
from socialdesk.console.words import Mark
from socialdesk.errors import BadInput, DeskError, StaleDraft
from socialdesk.mail.writing import LONGEST_ADDRESS
from socialdesk.phrases import gettext as _
from socialdesk.transcripts import Told, Way

router = APIRouter()
Key = Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


@router.get("/cases/{case_id}/transcript")
def show(visit: Admitted, case_id: RowId) -> Response:
    return _page(visit, case_id)


@router.post("/cases/{case_id}/transcript")
def send(
    visit: Admitted,
    case_id: RowId,
    way: Annotated[Literal["dm", "mail"], Form()],
    key: Key,
    seen: Annotated[str, Form(max_length=64)],
    to: Annotated[str, Form(alias="address", max_length=LONGEST_ADDRESS)] = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    try:
        _send(visit, case_id, Way(way), key, seen, to, sure)
    except StaleDraft as error:
        return _page(visit, case_id, problem=error, to=to, status=409)
    except BadInput as error:
        return _page(visit, case_id, problem=error, to=to, key=key, status=422)
    return RedirectResponse(address(case_id, "", "transcript"), 303)


def _send(visit: Visit, case_id: int, way: Way, key: str, seen: str, to: str, sure: bool) -> None:
    settings = visit.desk.settings
    with visit.database.transaction() as session:
        case, library = cases.hold(session, case_id), visit.desk.library_now(session)
        told = transcripts.tell(session, case, library=library, settings=settings)
        transcripts.refuse_changed(told, seen)
        if way == Way.DM:
            transcripts.send_by_message(
                session, case, told, settings=settings, library=library, key=key, by=visit.agent
            )
            return
        if not settings.mail.host:
            raise BadInput(_("This desk sends no mails."))
        html = _drawn(visit, "transcripts/mail.html", told)
        transcripts.send_by_mail(session, case, told, html=html, to=to, key=key, sure=sure, by=visit.agent)


def _page(
    visit: Visit,
    case_id: int,
    *,
    problem: DeskError | None = None,
    to: str = "",
    key: str = "",
    status: int = 200,
) -> Response:
    with visit.database.reading() as session:
        case, library = cases.find(session, case_id), visit.desk.library_now(session)
        told = transcripts.tell(session, case, library=library, settings=visit.desk.settings)
        may_message = transcripts.may_be_messaged(session, case)
        accounts = health.of(visit, session)
    return visit.page(
        "transcripts/page.html",
        status=status,
        case=case,
        told=told,
        lines=Mark(_drawn(visit, "transcripts/_lines.html", told)),  # the template escapes
        may_message=may_message,
        may_mail=bool(visit.desk.settings.mail.host),
        key=key or secrets.token_urlsafe(24),
        address=to,
        unsure=isinstance(problem, BadInput) and bool(to),
        problem=problem,
        accounts=accounts,
    )


def _drawn(visit: Visit, template: str, told: Told) -> str:
    """In the customer's language, whoever reads the page around it."""
    pages: Pages = visit.request.app.state.pages
    with phrases.read_in(told.language):
        return pages.draw(template, told=told)
