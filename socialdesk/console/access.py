"""Who may come in where: one table of routes, and whatever is not in it is shut."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from socialdesk import audit, sign_ins
from socialdesk.agents import Agent
from socialdesk.console import cookies
from socialdesk.console.cookies import Cookie
from socialdesk.console.pages import Pages
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed

LARGEST_ID = 2**31 - 1  # of a row


class Door(IntEnum):
    ANYBODY = 0
    AGENT = 1
    SUPERVISOR = 2


DOORS: dict[tuple[str, str], Door] = {
    ("GET", "/sign-in"): Door.ANYBODY,
    ("POST", "/sign-in"): Door.ANYBODY,
    ("GET", "/sign-in/code"): Door.ANYBODY,
    ("POST", "/sign-in/code"): Door.ANYBODY,
    ("GET", "/setup"): Door.ANYBODY,
    ("POST", "/setup"): Door.ANYBODY,
    ("POST", "/sign-out"): Door.AGENT,
    ("GET", "/account"): Door.AGENT,
    ("POST", "/account/password"): Door.AGENT,
    ("POST", "/account/sessions/ending"): Door.AGENT,
    ("POST", "/account/sessions/{sign_in_id}/ending"): Door.AGENT,
    ("GET", "/account/codes"): Door.AGENT,
    ("POST", "/account/codes"): Door.AGENT,
    ("POST", "/account/codes/confirmation"): Door.AGENT,
    ("POST", "/account/codes/renewal"): Door.AGENT,
    ("POST", "/account/codes/removal"): Door.AGENT,
    ("GET", "/people"): Door.SUPERVISOR,
    ("POST", "/people/{agent_id}/codes/resetting"): Door.SUPERVISOR,
    ("POST", "/people/{agent_id}/sessions/ending"): Door.SUPERVISOR,
    ("GET", "/audit"): Door.SUPERVISOR,
    ("GET", "/"): Door.AGENT,
    ("GET", "/queue"): Door.AGENT,
    ("GET", "/search"): Door.AGENT,
    ("GET", "/cases/{case_id}"): Door.AGENT,
    ("POST", "/cases/{case_id}/assignment"): Door.AGENT,
    ("POST", "/cases/{case_id}/resolution"): Door.AGENT,
    ("POST", "/cases/{case_id}/reopening"): Door.AGENT,
    ("POST", "/cases/{case_id}/language"): Door.AGENT,
    ("POST", "/cases/{case_id}/topic"): Door.AGENT,
    ("POST", "/cases/{case_id}/showing"): Door.AGENT,
    ("POST", "/cases/{case_id}/merging"): Door.AGENT,
    ("POST", "/cases/{case_id}/unmerging"): Door.AGENT,
    ("POST", "/cases/{case_id}/splitting"): Door.AGENT,
    ("POST", "/cases/{case_id}/rejoining"): Door.AGENT,
    ("POST", "/cases/{case_id}/blocking"): Door.AGENT,
    ("POST", "/cases/{case_id}/unblocking"): Door.AGENT,
    ("POST", "/cases/{case_id}/muting"): Door.AGENT,
    ("POST", "/cases/{case_id}/unmuting"): Door.AGENT,
    ("POST", "/cases/{case_id}/opting-out"): Door.AGENT,
    ("POST", "/cases/{case_id}/opting-in"): Door.AGENT,
    ("POST", "/cases/{case_id}/replies"): Door.AGENT,
    ("POST", "/replies/{reply_id}/approval"): Door.AGENT,
    ("POST", "/replies/{reply_id}/cancellation"): Door.AGENT,
    ("POST", "/replies/{reply_id}/retry"): Door.AGENT,
    ("GET", "/approvals"): Door.AGENT,
    ("GET", "/approvals/preview"): Door.AGENT,
    ("POST", "/approvals/many"): Door.AGENT,
    ("POST", "/approvals/{reply_id}/approval"): Door.AGENT,
    ("POST", "/approvals/{reply_id}/return"): Door.AGENT,
    ("GET", "/replies"): Door.AGENT,
    ("GET", "/replies/{template}/{language}"): Door.AGENT,
    ("GET", "/replies/{template}/{language}/{visibility}/history"): Door.AGENT,
    ("GET", "/replies/{template}/{language}/{visibility}/editing"): Door.SUPERVISOR,
    ("POST", "/replies/{template}/{language}/{visibility}/editing"): Door.SUPERVISOR,
    ("POST", "/replies/{template}/{language}/{visibility}/restoring"): Door.SUPERVISOR,
    ("POST", "/replies/{template}/{language}/{visibility}/confirming"): Door.SUPERVISOR,
    ("POST", "/fit"): Door.AGENT,
    ("GET", "/live"): Door.AGENT,
    ("GET", "/health.json"): Door.AGENT,
    ("GET", "/healthz"): Door.ANYBODY,
    ("HEAD", "/healthz"): Door.ANYBODY,
    ("POST", "/gaps/{gap_id}/acknowledgement"): Door.AGENT,
    ("GET", "/languages"): Door.SUPERVISOR,
    ("GET", "/muted"): Door.SUPERVISOR,
    ("POST", "/muted/customers/{customer_id}/lifting"): Door.SUPERVISOR,
    ("POST", "/muted/conversations/{mute_id}/lifting"): Door.SUPERVISOR,
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
    """One request that was let in."""

    request: Request
    desk: Desk
    somebody: Agent | None

    @property
    def agent(self) -> Agent:
        assert self.somebody is not None, "only behind a door for agents"
        return self.somebody

    @property
    def database(self) -> Database:
        return self.desk.database

    def names(self, session: Session) -> dict[int, str]:
        """Every agent's name by row id, some seconds old at most."""
        found: dict[int, str] = self.request.app.state.names.of(session)
        return found

    def page(self, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """The template as a page, or without the frame around it when the browser only refreshes it."""
        pages: Pages = self.request.app.state.pages
        fragment = "X-Fragment" in self.request.headers
        frame = {"agent": self.somebody, "here": self.request.url.path, "waiting": self._waiting()}
        html = pages.render(template, fragment=fragment, **(frame | shown))
        return HTMLResponse(html, status)

    def _waiting(self) -> int:
        """How many replies wait for a second person, for the way to them on every page."""
        if self.somebody is None:
            return 0
        with self.database.reading() as session:
            number: int = self.request.app.state.waiting.of(session)
        return number


def admit(request: Request) -> Visit:
    """The visit, if this agent may come in here. Raises SignInNeeded or NotAllowed."""
    desk: Desk = request.app.state.desk
    door = DOORS.get((request.method, request.scope["route"].path))
    if door is None:
        raise NotAllowed("Nobody may come in here.")
    agent = who(request, desk)
    if door > Door.ANYBODY and agent is None:
        raise SignInNeeded(_back(request))
    if door > Door.AGENT and not (agent and agent.supervises):
        _tell_refused(desk, request, agent)
        raise NotAllowed("This page is for supervisors.")
    return Visit(request, desk, agent)


Admitted = Annotated[Visit, Depends(admit)]


def _tell_refused(desk: Desk, request: Request, agent: Agent | None) -> None:
    with desk.database.transaction() as session:
        audit.record(session, "refused", by=agent.id if agent else None, subject=request.url.path)


def who(request: Request, desk: Desk) -> Agent | None:
    """The agent signed in with this browser; that it was seen is written down now and then."""
    token = cookies.read(request, Cookie.SESSION)
    if not token:
        return None
    idle, longest = desk.settings.console.session_limits
    with desk.database.reading() as session:
        found = sign_ins.resume(session, token, idle=idle, longest=longest)
    if found is None:
        return None
    agent, sign_in = found
    if sign_ins.is_stale(sign_in) and sign_in.id is not None:
        with desk.database.transaction() as session:
            sign_ins.seen(session, sign_in.id)
    return agent


def _back(request: Request) -> str:
    if request.method != "GET":
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
