"""The search page: cases by what was written in them and by whom."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from socialdesk import messages, search
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.errors import TooLong
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
        accounts = health.of(visit, session)
    results, too_long = _found(visit, query if asked else "", before)
    return visit.page(
        "search.html",
        status=503 if too_long else 200,
        query=query,
        results=results,
        too_long=too_long,
        first=before is None,
        accounts=accounts,
        address=_address,
        page_of=_page,
    )


def _found(visit: Visit, query: str, before: int | None) -> tuple[Results, str]:
    """Or why nothing was: the field is still there, to be asked for something else."""
    if not query:
        return Results([]), ""
    try:
        with visit.database.reading() as session:
            return search.find(session, query, account_ids=visit.accounts, before=before), ""
    except TooLong as error:
        return Results([]), str(error)


def _page(query: str, before: int | None) -> str:
    told = {"q": query} | ({"before": str(before)} if before else {})
    return f"/search?{urlencode(told)}"


def _address(hit: Hit) -> str:
    """The case, at what was found in it."""
    place = {Source.MESSAGE: f"#message-{hit.message_id}", Source.REPLY: "#composer"}.get(hit.source, "")
    return f"/cases/{hit.case.id}{place}"
