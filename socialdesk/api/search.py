"""Finding cases by what was written in them and by whom, as the page Search does."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from socialdesk import messages, search
from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, shown
from socialdesk.api.paging import Cursor, Limit, Page, after_row, row_before
from socialdesk.api.problems import documented
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
    """Newest first; a customer's cases stay together, so that a page may have a few more than `limit`."""
    before = row_before(cursor) if cursor else None
    query = " ".join(messages.clean(q).split())
    with caller.database.reading() as session:
        results = search.find(session, query, account_ids=caller.accounts, limit=limit, before=before)
        found = [_found(hit) for hit in results.hits]
    if results.too_short:
        raise BadInput("That is too short. Two letters or digits are enough, or one of Japanese.")
    return Page(items=found, next=after_row(results.next) if results.next else None)


def _found(hit: Hit) -> Found:
    return Found(
        case=shown(hit.case, hit.customer),
        source=hit.source,
        message_id=hit.message_id,
        reply_id=hit.reply_id,
        at=hit.at,
        language=hit.language,
        private=hit.private,
        ours=hit.ours,
        excerpt="".join(piece.text for piece in hit.excerpt),
    )
