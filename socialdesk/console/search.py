"""The search page: cases by what was written in them and by whom."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from socialdesk import messages, search
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.search import LONGEST_QUERY, Hit, Results, Source

router = APIRouter()


@router.get("/search")
def show(
    visit: Admitted,
    q: str = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    query = " ".join(messages.clean(q).split())[:LONGEST_QUERY]
    # What was found stays as it was read; only the frame around it is refreshed.
    asked = bool(query) and "X-Fragment" not in visit.request.headers
    with visit.database.reading() as session:
        results = (
            search.find(session, query, account_ids=visit.accounts, before=before) if asked else Results([])
        )
        accounts = health.of(visit, session)
    return visit.page(
        "search.html",
        query=query,
        results=results,
        first=before is None,
        accounts=accounts,
        address=_address,
        page_of=_page,
    )


def _page(query: str, before: int | None) -> str:
    told = {"q": query} | ({"before": str(before)} if before else {})
    return f"/search?{urlencode(told)}"


def _address(hit: Hit) -> str:
    """The case, at what was found in it."""
    place = {Source.MESSAGE: f"#message-{hit.message_id}", Source.REPLY: "#composer"}.get(hit.source, "")
    return f"/cases/{hit.case.id}{place}"
