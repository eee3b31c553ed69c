"""Who may come in where: one table of routes, and whatever is not in it is shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from socialdesk import approvals, audit, permissions, scope, sign_ins
from socialdesk.agents import Agent
from socialdesk.console import arrivals, cookies, look
from socialdesk.console.arrivals import LARGEST_ID, Arrival
from socialdesk.console.cookies import Cookie
from socialdesk.console.pages import Pages
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed, NotFound
from socialdesk.permissions import Reach, Verb
from socialdesk.phrases import gettext as _

__all__ = ["ANYBODY", "DOORS", "LARGEST_ID", "Admitted", "SignInNeeded", "Visit", "admit", "who"]

ANYBODY = None  # signed in or not
# What somebody does who comes in there, which his role must allow.
DOORS: dict[tuple[str, str], Verb | None] = {
    ("GET", "/sign-in"): ANYBODY,
    ("POST", "/sign-in"): ANYBODY,
    ("GET", "/sign-in/code"): ANYBODY,
    ("POST", "/sign-in/code"): ANYBODY,
    ("GET", "/setup"): ANYBODY,
    ("POST", "/setup"): ANYBODY,
    ("POST", "/sign-out"): Verb.OWN_ACCOUNT,
    ("GET", "/account"): Verb.OWN_ACCOUNT,
    ("POST", "/account/password"): Verb.OWN_ACCOUNT,
    ("POST", "/account/sessions/ending"): Verb.OWN_ACCOUNT,
    ("POST", "/account/sessions/{sign_in_id}/ending"): Verb.OWN_ACCOUNT,
    ("POST", "/account/look"): Verb.OWN_ACCOUNT,
    ("POST", "/account/language"): Verb.OWN_ACCOUNT,
    ("GET", "/account/codes"): Verb.OWN_ACCOUNT,
    ("POST", "/account/codes"): Verb.OWN_ACCOUNT,
    ("POST", "/account/codes/confirmation"): Verb.OWN_ACCOUNT,
    ("POST", "/account/codes/renewal"): Verb.OWN_ACCOUNT,
    ("POST", "/account/codes/removal"): Verb.OWN_ACCOUNT,
    ("GET", "/invitation"): ANYBODY,
    ("POST", "/invitation"): ANYBODY,
    ("GET", "/people"): Verb.SEE_PEOPLE,
    ("POST", "/people"): Verb.MANAGE_PEOPLE,
    ("GET", "/people/{agent_id}"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/role"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/languages"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/invitation"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/disabling"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/enabling"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/codes/resetting"): Verb.MANAGE_PEOPLE,
    ("POST", "/people/{agent_id}/sessions/ending"): Verb.MANAGE_PEOPLE,
    ("GET", "/tokens"): Verb.MANAGE_TOKENS,
    ("POST", "/tokens"): Verb.MANAGE_TOKENS,
    ("POST", "/tokens/{agent_id}/{token_id}/revocation"): Verb.MANAGE_TOKENS,
    ("GET", "/webhooks"): Verb.MANAGE_WEBHOOKS,
    ("POST", "/webhooks"): Verb.MANAGE_WEBHOOKS,
    ("POST", "/webhooks/{webhook_id}/ending"): Verb.MANAGE_WEBHOOKS,
    ("GET", "/admin"): Verb.MANAGE_ACCOUNTS,
    ("GET", "/audit"): Verb.SEE_AUDIT,
    ("GET", "/"): Verb.SEE_CASE,
    ("GET", "/queue"): Verb.SEE_CASE,
    ("GET", "/queue/together"): Verb.ASSIGN,
    ("POST", "/queue/together"): Verb.ASSIGN,
    ("POST", "/queue/together/{change_id}/undoing"): Verb.ASSIGN,
    ("GET", "/views/{view_id}"): Verb.SEE_CASE,
    ("POST", "/views"): Verb.SAVE_VIEW,
    ("POST", "/views/{view_id}/removal"): Verb.SAVE_VIEW,
    ("GET", "/customers/{customer_id}"): Verb.SEE_CASE,
    ("GET", "/customers/{customer_id}/privacy"): Verb.EXPORT_PERSON,
    ("POST", "/customers/{customer_id}/export"): Verb.EXPORT_PERSON,
    ("GET", "/customers/{customer_id}/erasure"): Verb.ERASE_PERSON,
    ("POST", "/customers/{customer_id}/erasure"): Verb.ERASE_PERSON,
    ("GET", "/search"): Verb.SEARCH,
    ("GET", "/cases/{case_id}"): Verb.SEE_CASE,
    ("POST", "/cases/{case_id}/assignment"): Verb.ASSIGN,
    ("POST", "/cases/{case_id}/resolution"): Verb.RESOLVE,
    ("POST", "/cases/{case_id}/reopening"): Verb.RESOLVE,
    ("POST", "/cases/{case_id}/snoozing"): Verb.SNOOZE,
    ("POST", "/cases/{case_id}/waking"): Verb.SNOOZE,
    ("POST", "/cases/{case_id}/notes"): Verb.WRITE_NOTE,
    ("POST", "/cases/{case_id}/notes/{note_id}/editing"): Verb.WRITE_NOTE,
    ("POST", "/cases/{case_id}/notes/{note_id}/deletion"): Verb.WRITE_NOTE,
    ("POST", "/cases/{case_id}/language"): Verb.CORRECT,
    ("POST", "/cases/{case_id}/topic"): Verb.CORRECT,
    ("POST", "/cases/{case_id}/priority"): Verb.CORRECT,
    ("POST", "/cases/{case_id}/showing"): Verb.UNMASK,
    ("POST", "/cases/{case_id}/merging"): Verb.MERGE,
    ("POST", "/cases/{case_id}/unmerging"): Verb.MERGE,
    ("POST", "/cases/{case_id}/splitting"): Verb.MERGE,
    ("POST", "/cases/{case_id}/rejoining"): Verb.MERGE,
    ("POST", "/cases/{case_id}/blocking"): Verb.BLOCK,
    ("POST", "/cases/{case_id}/unblocking"): Verb.BLOCK,
    ("POST", "/cases/{case_id}/muting"): Verb.MUTE,
    ("POST", "/cases/{case_id}/unmuting"): Verb.MUTE,
    ("POST", "/cases/{case_id}/opting-out"): Verb.OPT_OUT,
    ("POST", "/cases/{case_id}/opting-in"): Verb.OPT_OUT,
    ("POST", "/cases/{case_id}/replies"): Verb.WRITE_DRAFT,
    ("POST", "/replies/{reply_id}/approval"): Verb.APPROVE,
    ("POST", "/replies/{reply_id}/cancellation"): Verb.SEND,
    ("POST", "/replies/{reply_id}/retry"): Verb.SEND,
    ("GET", "/approvals"): Verb.APPROVE,
    ("GET", "/approvals/preview"): Verb.APPROVE,
    ("POST", "/approvals/many"): Verb.APPROVE,
    ("POST", "/approvals/{reply_id}/approval"): Verb.APPROVE,
    ("POST", "/approvals/{reply_id}/return"): Verb.APPROVE,
    ("GET", "/replies"): Verb.SEE_TEMPLATE,
    ("GET", "/replies/{template}/{language}"): Verb.SEE_TEMPLATE,
    ("GET", "/replies/{template}/{language}/{visibility}/history"): Verb.SEE_TEMPLATE,
    ("GET", "/replies/{template}/{language}/{visibility}/editing"): Verb.EDIT_TEMPLATE,
    ("POST", "/replies/{template}/{language}/{visibility}/editing"): Verb.EDIT_TEMPLATE,
    ("POST", "/replies/{template}/{language}/{visibility}/restoring"): Verb.EDIT_TEMPLATE,
    ("POST", "/replies/{template}/{language}/{visibility}/confirming"): Verb.EDIT_TEMPLATE,
    ("POST", "/fit"): Verb.WRITE_DRAFT,
    ("GET", "/live"): Verb.SEE_CASE,
    ("POST", "/cases/{case_id}/presence"): Verb.SEE_CASE,
    ("GET", "/palette"): Verb.SEARCH,
    ("GET", "/health.json"): Verb.SEE_CASE,
    ("GET", "/healthz"): ANYBODY,
    ("HEAD", "/healthz"): ANYBODY,
    ("POST", "/gaps/{gap_id}/acknowledgement"): Verb.ACKNOWLEDGE,
    ("GET", "/languages"): Verb.SEE_STATISTICS,
    ("GET", "/languages/cases"): Verb.SEE_STATISTICS,
    ("GET", "/languages.csv"): Verb.SEE_STATISTICS,
    ("GET", "/automation"): Verb.EDIT_TEMPLATE,
    ("GET", "/automation/{rule_id}"): Verb.EDIT_TEMPLATE,
    ("POST", "/automation/{rule_id}/switch"): Verb.EDIT_TEMPLATE,
    ("POST", "/automation/{rule_id}/releases"): Verb.EDIT_TEMPLATE,
    ("POST", "/automation/{rule_id}/withdrawal"): Verb.EDIT_TEMPLATE,
    ("GET", "/muted"): Verb.SEE_MUTED,
    ("POST", "/muted/customers/{customer_id}/lifting"): Verb.LIFT_BLOCK,
    ("POST", "/muted/conversations/{mute_id}/lifting"): Verb.LIFT_MUTE,
}


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
    of one. Nothing of other accounts than `accounts` is in the sessions of `database`."""

    request: Request
    desk: Desk
    somebody: Agent | None
    reach: Reach | None = None
    verb: Verb | None = None
    account_id: int | None = None

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
        """For rows that a form names instead of the address. Raises as permissions.require does."""
        assert self.reach is not None
        permissions.require(self.reach, account_id, verb)

    def names(self, session: Session) -> dict[int, str]:
        """Every agent's name by row id, some seconds old at most."""
        found: dict[int, str] = self.request.app.state.names.of(session)
        return found

    def page(self, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """The template as a page, or without the frame around it when the browser only refreshes it."""
        pages: Pages = self.request.app.state.pages
        fragment = "X-Fragment" in self.request.headers
        frame = {"agent": self.somebody, "here": self.request.url.path, "may": self.may}
        frame["look"] = look.of(self.request)
        html = pages.render(template, fragment=fragment, **(frame | {"waiting": self._waiting()} | shown))
        return HTMLResponse(html, status)

    def _waiting(self) -> int:
        """How many replies wait for a second person, for the way to them on every page."""
        if not self.may(Verb.APPROVE):
            return 0
        with self.database.reading() as session:
            if self.accounts is not None:  # what is kept counts all accounts'
                return approvals.waiting_count(session)
            number: int = self.request.app.state.waiting.of(session)
        return number


def admit(request: Request) -> Visit:
    """The visit, if this agent may come in here. Raises SignInNeeded, NotAllowed or NotFound."""
    desk: Desk = request.app.state.desk
    door = (request.method, request.scope["route"].path)
    if door not in DOORS:
        raise NotAllowed(_("Nobody may come in here."))
    verb, arrival = DOORS[door], _arrival(request, desk)
    if verb is None:
        return Visit(request, desk, arrival.agent if arrival else None, arrival.reach if arrival else None)
    if arrival is None:
        raise SignInNeeded(_back(request))
    _refuse_unknown(request, desk, arrival)
    if not arrival.reach.may(verb, arrival.account_id):
        _tell_refused(desk, request, arrival.agent)
        raise NotAllowed(permissions.refusal(verb))
    agent = arrival.reach.acting(arrival.agent, verb, arrival.account_id)
    return Visit(request, desk, agent, arrival.reach, verb, arrival.account_id)


Admitted = Annotated[Visit, Depends(admit)]
# Blocking concerns all the customer's cases, so that it would be half done within some accounts; that he
# exists for the agent has been looked at before.
_ABOUT_CUSTOMERS = (Verb.BLOCK, Verb.LIFT_BLOCK)


def _refuse_unknown(request: Request, desk: Desk, arrival: Arrival) -> None:
    """In the words for a row that is not there: other accounts' rows do not exist for him."""
    reach, account_id = arrival.reach, arrival.account_id
    if arrival.named and account_id is not None and reach.role_at(account_id) is None:
        raise NotFound(_(arrivals.MISSING[arrival.named], number=request.path_params[arrival.named]))
    customer_id = arrivals.row_id(request.path_params.get("customer_id"))
    if customer_id is None or reach.accounts is None:
        return
    with desk.database.reading() as session:
        if not arrivals.knows(session, reach, customer_id):
            raise NotFound(_("There is no such customer."))


def _tell_refused(desk: Desk, request: Request, agent: Agent | None) -> None:
    with desk.database.transaction() as session:
        audit.record(session, "refused", by=agent.id if agent else None, subject=request.url.path)


def who(request: Request, desk: Desk) -> Agent | None:
    """The agent signed in with this browser; that it was seen is written down now and then."""
    arrival = _arrival(request, desk)
    return arrival.agent if arrival else None


def _arrival(request: Request, desk: Desk) -> Arrival | None:
    token = cookies.read(request, Cookie.SESSION)
    if not token:
        return None
    with desk.database.reading() as session:
        arrival = arrivals.read(session, desk, token, request.path_params)
    if arrival and sign_ins.is_stale(arrival.sign_in) and arrival.sign_in.id is not None:
        with desk.database.transaction() as session:
            sign_ins.seen(session, arrival.sign_in.id)
    return arrival


def _back(request: Request) -> str:
    if request.method != "GET":
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
