"""What the palette finds beyond the page it is opened on: all places to go to, and cases by number, by
handle, by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from socialdesk import cases, messages, search, targets
from socialdesk.cases import Case
from socialdesk.console import filters, lists
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.filters import OWN, Filter
from socialdesk.console.words import topic_name
from socialdesk.customers import Customer, called
from socialdesk.errors import NotFound
from socialdesk.languages import LANGUAGES
from socialdesk.people.permissions import Verb
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.search import LONGEST_QUERY
from socialdesk.topics import TOPICS
from socialdesk.worklists import views
from socialdesk.worklists.queues import Cases

router = APIRouter()
MOST = 8
_NUMBER = re.compile(r"(?:case\s*)?#?\s*([0-9]{1,10})", re.IGNORECASE)
_STATES = {
    "waiting": mark("Case %(number)s, waiting for us"),
    "answered": mark("Case %(number)s, waiting for the customer"),
    "resolved": mark("Case %(number)s, resolved"),
}
# Pages that the frame around every page does not lead to.
_PAGES: tuple[tuple[str, str, Verb], ...] = (
    ("/figures/me", mark("Your figures"), Verb.WRITE_DRAFT),
    ("/money", mark("What X charges this month"), Verb.SEE_STATISTICS),
    ("/incidents/opening", mark("Open an incident"), Verb.HANDLE_INCIDENT),
    ("/tokens", mark("Tokens"), Verb.MANAGE_TOKENS),
    ("/webhooks", mark("Webhooks"), Verb.MANAGE_WEBHOOKS),
    ("/account#password-title", mark("Password"), Verb.OWN_ACCOUNT),
    ("/account#language-title", mark("The language of the desk"), Verb.OWN_ACCOUNT),
    ("/account#codes-title", mark("One-time codes"), Verb.OWN_ACCOUNT),
    ("/account#sessions-title", mark("Where you are signed in"), Verb.OWN_ACCOUNT),
)


@router.get("/palette")
def find(
    visit: Admitted, q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "", ways: bool = False
) -> Response:
    """The place of each case that is meant, with what it is called; or `ways`: every place that the agent may
    go to, whatever he types."""
    if ways:
        with visit.database.reading() as session:
            return JSONResponse([_way(*each) for each in _ways(session, visit)])
    query = " ".join(messages.clean(q).split())
    with visit.database.reading() as session:
        found = _found(session, query, visit.accounts) if query else {}
    return JSONResponse([_told(number, *what) for number, what in found.items()])


def _ways(session: Session, visit: Visit) -> Iterator[tuple[str, str, str]]:
    """What each is called, what kind of place it is, and its address."""
    timed = targets.in_force(session).fingerprint is not None
    for status, title in lists.TITLES.items():
        if status != Cases.DUE or timed:
            yield _(title), _("Lists of cases"), Filter(status).address()
    for view in views.of(session, visit.agent):
        if Filter.parse(view.filter):
            yield view.name, _("Saved views"), f"/views/{view.id}"
    for code in [OWN, *LANGUAGES] if visit.tongues(session) else LANGUAGES:
        yield filters.name_of(code), _("Languages"), Filter(language=code).address()
    for code in TOPICS:
        yield topic_name(code), _("Topics"), Filter(topic=code).address()
    for address, name, verb in _PAGES:
        if visit.may(verb):
            yield _(name), _("page"), address


def _way(name: str, note: str, address: str) -> dict[str, str]:
    return {"name": name, "called": "", "note": note, "address": address}


def _found(
    session: Session, query: str, accounts: frozenset[int] | None
) -> dict[int, tuple[str, Customer | search.Found]]:
    """By case its status and whose it is; the case of that number first."""
    hits = search.find(session, query, account_ids=accounts, limit=MOST).hits[:MOST]
    numbered = _numbered(session, query, accounts)
    return ({numbered[0].id or 0: (numbered[0].status, numbered[1])} if numbered else {}) | {
        hit.case.id: (hit.case.status, hit.case) for hit in hits
    }


def _numbered(session: Session, query: str, accounts: frozenset[int] | None) -> tuple[Case, Customer] | None:
    number = _NUMBER.fullmatch(query)
    if number is None or int(number[1]) > LARGEST_ID:
        return None
    try:
        case, customer = cases.with_customer(session, int(number[1]))
    except NotFound:
        return None
    return (case, customer) if accounts is None or case.account_id in accounts else None


def _told(number: int, status: str, who: Customer | search.Found) -> dict[str, str]:
    shown = called(who.handle, who.x_id)
    return {
        "name": f"@{shown}" if who.handle else shown,
        "called": who.name or "",
        "note": _(_STATES[status], number=number),
        "address": f"/cases/{number}",
    }
