"""One customer: every case that the agent may see, first and last contact, and what keeps them from us."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.case import RowId
from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _
from socialdesk.worklists import dossiers
from socialdesk.worklists.dossiers import Place

router = APIRouter()


@router.get("/customers/{customer_id}")
def show(visit: Admitted, customer_id: RowId, after: Annotated[str, Query(max_length=60)] = "") -> Response:
    place = _place(after)
    with visit.database.reading() as session:
        found = dossiers.of_customer(session, customer_id, accounts=visit.accounts, after=place)
        names, accounts = visit.names(session), health.of(visit, session)
    handles = {each.account_id: each.handle for each in accounts}
    following = f"{found.next.at.isoformat()}~{found.next.case_id}" if found.next else None
    return visit.page(
        "customer.html",
        dossier=found,
        customer=found.customer,
        names=names,
        handles=handles,
        first=place is None,
        following=following,
        accounts=accounts,
    )


def _place(written: str) -> Place | None:
    if not written:
        return None
    at, _tilde, case_id = written.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        return Place(moment.astimezone(UTC), min(int(case_id), LARGEST_ID))
    except (ValueError, OverflowError):
        raise BadInput(_("That page does not exist: begin with the newest cases.")) from None
