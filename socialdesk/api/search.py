"""Finding cases by what was written in them and by whom, as the page Search does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from socialdesk import messages, search
from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, shown
from socialdesk.api.paging import Cursor, Limit, Page, after_row, row_before
from socialdesk.api.problems import documented
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import BadInput
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.search import LONGEST_QUERY, Hit, Source

router = APIRouter(tags=["search"])
Searcher = Annotated[Caller, Depends(may(Scope.CASES_READ, Verb.SEARCH))]
Words = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST_QUERY,
        description="Words, all of which have to be there, from their beginnings; a name, a @handle, or the"
        " id or the address of a post.",
    ),
]


class Found(BaseModel):
    """A case, and the newest of its words that match: a message's, a note's, a reply's that is not sent, or,
    when it was found by its customer, the last ones."""

    case: CaseShown
    source: Source
    message_id: int | None
    reply_id: int | None
    at: datetime
    language: str
    private: bool
    ours: bool
    excerpt: str = Field(description="Personal data that customers wrote in public is masked.")


@router.get("/search", responses=documented())
def find(caller: Searcher, q: Words, cursor: Cursor = None, limit: Limit = search.PAGE) -> Page[Found]:
    """Newest first; a customer's cases stay together, so that a page may have a few more than `limit`.
    One that has fewer is the last only when there is no `next`: after a second the rest is left to it."""
    before = row_before(cursor) if cursor else None
    query = " ".join(messages.clean(q).split())
    with caller.database.reading() as session:
        results = search.find(session, query, account_ids=caller.accounts, limit=limit, before=before)
        cases = _cases(session, results.hits)
        found = [_found(hit, cases[hit.case.id]) for hit in results.hits]
    if results.too_short:
        raise BadInput("That is too short. Two letters or digits are enough, or one of Japanese.")
    return Page(items=found, next=after_row(results.next) if results.next else None)


def _cases(session: Session, hits: Sequence[Hit]) -> dict[int, CaseShown]:
    query = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    rows = session.exec(query.where(col(Case.id).in_([hit.case.id for hit in hits])))
    return {case.id or 0: shown(case, customer) for case, customer in rows}


def _found(hit: Hit, case: CaseShown) -> Found:
    return Found(
        case=case,
        source=hit.source,
        message_id=hit.message_id,
        reply_id=hit.reply_id,
        at=hit.at,
        language=hit.language,
        private=hit.private,
        ours=hit.ours,
        excerpt="".join(piece.text for piece in hit.excerpt),
    )
