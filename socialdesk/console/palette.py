"""What the palette finds beyond the page it is opened on: cases by number, by handle, by their words."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from socialdesk import cases, messages, search
from socialdesk.cases import Case
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.customers import Customer
from socialdesk.errors import NotFound
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.search import LONGEST_QUERY

router = APIRouter()
MOST = 8
_NUMBER = re.compile(r"(?:case\s*)?#?\s*([0-9]{1,10})", re.IGNORECASE)
_STATES = {
    "waiting": mark("Case %(number)s, waiting for us"),
    "answered": mark("Case %(number)s, waiting for the customer"),
    "resolved": mark("Case %(number)s, resolved"),
}


@router.get("/palette")
def find(visit: Admitted, q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "") -> Response:
    """The place of each case that is meant, with what it is called."""
    query = " ".join(messages.clean(q).split())
    with visit.database.reading() as session:
        found = _found(session, query, visit.accounts) if query else []
    return JSONResponse([_told(case, customer) for case, customer in found])


def _found(session: Session, query: str, accounts: frozenset[int] | None) -> list[tuple[Case, Customer]]:
    """The case of that number first."""
    hits = search.find(session, query, account_ids=accounts, limit=MOST).hits[:MOST]
    numbered = _numbered(session, query, accounts)
    others = [(hit.case, hit.customer) for hit in hits if not numbered or hit.case.id != numbered[0].id]
    return ([numbered] if numbered else []) + others


def _numbered(session: Session, query: str, accounts: frozenset[int] | None) -> tuple[Case, Customer] | None:
    number = _NUMBER.fullmatch(query)
    if number is None or int(number[1]) > LARGEST_ID:
        return None
    try:
        case, customer = cases.with_customer(session, int(number[1]))
    except NotFound:
        return None
    return (case, customer) if accounts is None or case.account_id in accounts else None


def _told(case: Case, customer: Customer) -> dict[str, str]:
    handle = f"@{customer.handle}" if customer.handle else customer.shown
    return {
        "name": handle,
        "called": customer.name or "",
        "note": _(_STATES[case.status], number=case.id),
        "address": f"/cases/{case.id}",
    }
