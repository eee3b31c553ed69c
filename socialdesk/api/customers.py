"""Customers, and their cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, CustomerShown, customer_shown, shown
from socialdesk.api.paging import Cursor, Limit, Page, RowId, cursor, place
from socialdesk.api.problems import documented
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.worklists import dossiers
from socialdesk.worklists.dossiers import Dossier, Place

router = APIRouter(tags=["customers"])
Reader = Annotated[Caller, Depends(may(Scope.CUSTOMERS_READ, Verb.SEE_CASE))]


class CustomerKnown(CustomerShown):
    """And what the desk remembers; the moments are of the cases that the agent may see."""

    language: str | None
    cases: int
    first_at: datetime | None
    last_at: datetime | None


@router.get("/customers/{customer_id}", responses=documented(404))
def show_customer(caller: Reader, customer_id: RowId) -> CustomerKnown:
    with caller.database.reading() as session:
        found = dossiers.of_customer(session, customer_id, accounts=caller.accounts, size=1)
    customer = found.customer
    return CustomerKnown(
        **customer_shown(customer).model_dump(),
        language=customer.language,
        cases=found.cases,
        first_at=found.first_at,
        last_at=found.last_at,
    )


@router.get("/customers/{customer_id}/cases", responses=documented(404))
def list_customers_cases(
    caller: Reader, customer_id: RowId, cursor: Cursor = None, limit: Limit = 20
) -> Page[CaseShown]:
    """Those with what was written last first."""
    after = Place(*place(cursor)[:2]) if cursor else None
    with caller.database.reading() as session:
        found = dossiers.of_customer(session, customer_id, accounts=caller.accounts, after=after, size=limit)
    return Page(items=[shown(case, found.customer) for case, *_ in found.rows], next=_onward(found))


def _onward(found: Dossier) -> str | None:
    return cursor(found.next.at, found.next.case_id) if found.next else None
