"""A case as it is read beside the queue: who looks at it there has neither come to it nor read its notes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from socialdesk import clock, time_left
from socialdesk.casework import notes
from socialdesk.console import health, thread
from socialdesk.console.access import Admitted
from socialdesk.console.case import RowId
from socialdesk.console.filters import Filter
from socialdesk.console.thread import OnX, WayOut
from socialdesk.replies import State
from socialdesk.worklists import glances

router = APIRouter()
LONGEST = 1_500  # characters of one text; the rest is read in the case
_COOKIE = "desk-pane"  # the script keeps in it that the agent wants no pane


def wanted(request: Request) -> bool:
    """Whether the queue has its pane in that browser: it is drawn with or without it, and nothing moves."""
    return request.cookies.get(_COOKIE) != "off"


@router.get("/cases/{case_id}/glance")
def show(
    visit: Admitted,
    case_id: RowId,
    came_from: Annotated[str, Query(alias="from", max_length=60)] = "",
) -> Response:
    """For the script alone: whoever comes by the address is led to the case."""
    listed = Filter.parse(came_from)
    if "X-Fragment" not in visit.request.headers:
        return RedirectResponse(f"/cases/{case_id}{f'?from={listed}' if listed else ''}", 303)
    with visit.database.reading() as session:
        seen = glances.of_case(session, case_id)
        names, accounts = visit.names(session), health.of(visit, session)
    case, customer = seen.case, seen.customer
    account = next(each for each in accounts if each.account_id == case.account_id)
    on_x = OnX(visit.desk.settings.x.web_url, account.handle, customer.handle)
    noted = notes.Noted(seen.noted, {}, calls=False)
    return visit.page(
        "queue/_glance.html",
        case=case,
        customer=customer,
        left=time_left.of(case.due_at, paused=case.paused, now=clock.now()),
        entries=thread.tell(seen.said, seen.written, (), names, on_x, account, WayOut(), noted=noted),
        earlier=seen.earlier,
        draft=next((reply for reply in seen.written if reply.state == State.DRAFT), None),
        names=names,
        came_from=listed,
        longest=LONGEST,
        waiting=0,  # is told on pages alone
    )
