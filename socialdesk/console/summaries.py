"""Asking for the weekly summary and ending it, on one's own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk import phrases
from socialdesk.console import account
from socialdesk.console.access import Admitted
from socialdesk.console.summary_form import MORNING
from socialdesk.errors import BadInput
from socialdesk.summaries import posting, subscriptions

router = APIRouter()


@router.post("/account/summary")
def subscribe(
    visit: Admitted,
    address: Annotated[str, Form(max_length=400)] = "",
    weekday: Annotated[int, Form()] = 0,
    hour: Annotated[int, Form()] = MORNING,
    account_ids: Annotated[list[int] | None, Form(alias="account")] = None,
) -> Response:
    """No account chosen is all of them."""
    try:
        with visit.database.transaction() as session:
            subscriptions.subscribe(
                session,
                visit.agent,
                address=address,
                accounts=account_ids or (),
                weekday=weekday,
                hour=hour,
                language=phrases.reader(),
                zone=posting.zone_of(visit.desk),
            )
    except BadInput as error:
        return account.page(visit, error, about="summary")
    return RedirectResponse("/account?done=summary", 303)


@router.post("/account/summary/ending")
def unsubscribe(visit: Admitted) -> Response:
    with visit.database.transaction() as session:
        subscriptions.unsubscribe(session, visit.agent)
    return RedirectResponse("/account?done=summary_ended", 303)
