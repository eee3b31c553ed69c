"""Who comes in, and what he may do there; where no door is, nobody comes in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from socialdesk.api import named, whose
from socialdesk.api.whose import LARGEST_ID
from socialdesk.console import arrivals, cookies, look
from socialdesk.console.arrivals import Arrival
from socialdesk.console.cookies import Cookie
from socialdesk.console.doors import ANYBODY, DOORS
from socialdesk.console.owing import OPEN, CodesNeeded
from socialdesk.console.pages import Pages
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed, NotFound
from socialdesk.people import permissions, refusals, scope, sign_ins
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Answer, Reach, Verb
from socialdesk.people.refusals import ANOTHERS, REFUSED
from socialdesk.people.skills import Colleagues
from socialdesk.phrases import gettext as _
from socialdesk.replying import approvals

__all__ = ["ANYBODY", "DOORS", "LARGEST_ID", "Admitted", "SignInNeeded", "Visit", "admit", "who"]


class SignInNeeded(Exception):
    """Nobody is signed in; `back` is the address to return to afterwards."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back

    @property
    def address(self) -> str:
        return "/sign-in" if self.back == "/" else f"/sign-in?{urlencode({'next': self.back})}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that was let in; `verb` is what it does, at the account `account_id` where it names a row
    of one. Nothing of other accounts than `accounts` is in the sessions of `database`; `submitted` are all
    accounts' replies that wait for a second person, counted."""

    request: Request
    desk: Desk
    somebody: Agent | None
    reach: Reach | None = None
    verb: Verb | None = None
    account_id: int | None = None
    submitted: int = 0
    newest: int = 0  # event when it began
    owes: bool = False  # one-time codes, before anything else

    @property
    def agent(self) -> Agent:
        """In the role that he has at the account in question."""
        assert self.somebody is not None, "only behind a door for agents"
        return self.somebody

    @property
    def accounts(self) -> frozenset[int] | None:
        """Those for which he may do what he came for; None is all of them."""
        return self.reach.where(self.verb) if self.reach and self.verb else None

    @property
    def database(self) -> Database:
        if self.verb in _ABOUT_CUSTOMERS:
            return self.desk.database
        return scope.narrowed(self.desk.database, self.accounts)

    def may(self, verb: Verb | str) -> bool:
        """Whether he may do that to what he looks at; for the pages, which show no button in vain."""
        return self.reach is not None and self.reach.may(verb, self.account_id)

    def require(self, account_id: int, verb: Verb) -> None:
        """For an account that a form names instead of the address. Raises as permissions.require does."""
        assert self.reach is not None
        try:
            permissions.require(self.reach, account_id, verb)
        except NotAllowed:
            tell_refused(self.request, self.desk, self.agent, REFUSED)
            raise

    def names(self, session: Session) -> dict[int, str]:
        """Every agent's name by row id, some seconds old at most."""
        return self._colleagues(session).names

    def tongues(self, session: Session) -> tuple[str, ...]:
        """The languages that he writes, some seconds old at most; none where nothing is known of him."""
        return self._colleagues(session).writes.get(self.agent.id or 0, ())

    def _colleagues(self, session: Session) -> Colleagues:
        found: Colleagues = self.request.app.state.colleagues.of(session)
        return found

    def page(self, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """The template as a page, or without the frame around it when the browser only refreshes it."""
        pages: Pages = self.request.app.state.pages
        fragment = "X-Fragment" in self.request.headers
        frame: dict[str, Any] = {"agent": self.somebody, "here": self.request.url.path, "may": self.may}
        frame |= {"look": look.of(self.request), "newest": self.newest}
        if "waiting" not in shown:
            frame["waiting"] = self._waiting()
        html = pages.render(template, fragment=fragment, **(frame | shown))
        return HTMLResponse(html, status)

    def _waiting(self) -> int:
        """How many replies wait for a second person, for the way to them on every page."""
        if not self.may(Verb.APPROVE):
            return 0
        if self.accounts is None:
            return self.submitted
        with self.database.reading() as session:
            return approvals.waiting_count(session)


def admit(request: Request) -> Visit:
    """The visit, if this agent may come in here. Raises SignInNeeded, CodesNeeded, NotAllowed or NotFound."""
    desk: Desk = request.app.state.desk
    door = (request.method, request.scope["route"].path)
    if door not in DOORS:
        raise NotAllowed(_("Nobody may come in here."))
    verb, arrival = DOORS[door], _arrival(request, desk)
    if verb is None:
        return Visit(request, desk, arrival.agent if arrival else None, arrival.reach if arrival else None)
    if arrival is None:
        raise SignInNeeded(_back(request))
    if arrival.owes and door not in OPEN:
        raise CodesNeeded(arrival.agent, _back(request))
    _refuse(request, desk, arrival, verb)
    tell = partial(tell_refused, request, desk, arrival.agent)
    request.state.asker = named.Asker(desk.database, arrival.reach, verb, tell)
    agent = arrival.reach.acting(arrival.agent, verb, arrival.account_id)
    told = arrival.submitted, arrival.newest, arrival.owes
    return Visit(request, desk, agent, arrival.reach, verb, arrival.account_id, *told)


Admitted = Annotated[Visit, Depends(admit)]
# Blocking concerns all the customer's cases, so that it would be half done within some accounts; that he
# exists for the agent has been looked at before.
_ABOUT_CUSTOMERS = (Verb.BLOCK, Verb.LIFT_BLOCK)


def _refuse(request: Request, desk: Desk, arrival: Arrival, verb: Verb) -> None:
    """Raises NotAllowed, or NotFound in the words for a row that is not there: other accounts' rows do not
    exist for him, though the audit log tells that he has asked for one."""
    answer, missing = whose.of_row(
        arrival.reach, verb, request.path_params, arrival.account_id, partial(_of_customer, desk)
    )
    if answer == Answer.NOT_ALLOWED:
        tell_refused(request, desk, arrival.agent, REFUSED)
        raise NotAllowed(permissions.refusal(verb))
    if answer == Answer.ANOTHERS:
        tell_refused(request, desk, arrival.agent, ANOTHERS)
    if answer != Answer.COME_IN:
        raise NotFound(missing)


def _of_customer(desk: Desk, accounts: Collection[int], customer_id: int) -> Answer:
    with desk.database.reading() as session:
        return whose.of_customer(session, accounts, customer_id)


def tell_refused(request: Request, desk: Desk, agent: Agent, kind: str, subject: str = "") -> None:
    """`subject` is what he asked for, else the address."""
    route, what = request.scope["route"].path, subject or request.url.path
    refusals.tell(desk.database, kind, by=agent, route=f"{request.method} {route}", subject=what)


def who(request: Request, desk: Desk) -> Agent | None:
    """The agent signed in with this browser; None while he owes one-time codes."""
    arrival = _arrival(request, desk)
    return arrival.agent if arrival and not arrival.owes else None


def _arrival(request: Request, desk: Desk) -> Arrival | None:
    """That somebody was seen is written down now and then."""
    token = cookies.read(request, Cookie.SESSION)
    if not token:
        return None
    with desk.database.reading() as session:
        arrival = arrivals.read(session, desk, token, request.path_params)
    if arrival is None or arrival.sign_in.id is None or _asked_by_itself(request):
        return arrival
    if sign_ins.is_stale(arrival.sign_in):
        with desk.database.transaction() as session:
            sign_ins.seen(session, arrival.sign_in.id)
    return arrival


def _asked_by_itself(request: Request) -> bool:
    """Open pages ask for news whether or not anybody sits before them: no session lasts longer for that."""
    return request.url.path in _BY_ITSELF or request.headers.get("x-fragment") in _FRAGMENTS_BY_ITSELF


_BY_ITSELF = ("/live", "/health.json")
_FRAGMENTS_BY_ITSELF = ("live", "presence", "kept", "counts")


def _back(request: Request) -> str:
    """Where it goes on after the sign-in: what could not be done in a case, in the case."""
    if request.method != "GET":
        case = whose.row_id(request.path_params.get("case_id"))
        return f"/cases/{case}" if case else "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
