"""The search page: cases by what was written in them and by whom.

A page is there at once, with what is found in the newest messages; where that was not all, the script asks
for the same page `further`, which takes its time, and without it there is a link.
"""

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

ENOUGH_SECONDS = 0.006  # so that no page takes longer than a list does, however much was ever written

router = APIRouter()


@router.get("/search")
def show(
    visit: Admitted,
    q: str = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    further: bool = False,
) -> Response:
    query = " ".join(messages.clean(q).split())[:LONGEST_QUERY]
    # What was found stays as it was read; only the frame around it is refreshed.
    asked = bool(query) and "X-Fragment" not in visit.request.headers
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
    results, too_long = _found(visit, query if asked else "", before, further)
    return visit.page(
        "search.html",
        status=503 if too_long else 200,
        query=query,
        results=results,
        too_long=too_long,
        before=before,
        further=further,
        accounts=accounts,
        address=_address,
        page_of=_page,
    )


def _found(visit: Visit, query: str, before: int | None, further: bool) -> tuple[Results, str]:
    """Or why nothing was: the field is still there, to be asked for something else."""
    if not query:
        return Results([]), ""
    try:
        with visit.database.reading() as session:
            enough = search.ENOUGH_SECONDS if further else ENOUGH_SECONDS
            return search.find(session, query, account_ids=visit.accounts, before=before, enough=enough), ""
    except TooLong as error:
        return Results([]), str(error)


def _page(query: str, before: int | None, *, further: bool = False) -> str:
    told = {"q": query} | ({"before": str(before)} if before else {}) | ({"further": "1"} if further else {})
    return f"/search?{urlencode(told)}"


def _address(hit: Hit) -> str:
    """The case, at what was found in it."""
    place = {Source.MESSAGE: f"#message-{hit.message_id}", Source.REPLY: "#composer"}.get(hit.source, "")
    return f"/cases/{hit.case.id}{place}"
