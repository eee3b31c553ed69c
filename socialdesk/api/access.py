"""Who asks, with which token, and whether that token and that agent go so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from socialdesk import audit
from socialdesk.api import strictness
from socialdesk.api.problems import NotSignedIn
from socialdesk.api.strictness import Unread
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed
from socialdesk.people import permissions, scope, tokens
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Reach, Verb
from socialdesk.people.tokens import Scope

_BEARER = HTTPBearer(auto_error=False, description="A token from /account/tokens or `socialdesk tokens add`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """One request that was let in; in the sessions of `database` there is nothing of accounts at which the
    agent may not do what is asked for."""

    desk: Desk
    agent: Agent
    reach: Reach
    verb: Verb

    @property
    def database(self) -> Database:
        return scope.narrowed(self.desk.database, self.accounts)

    @property
    def accounts(self) -> frozenset[int] | None:
        """None is all of them."""
        return self.reach.where(self.verb)

    def acting(self, case: Case) -> Agent:
        """The agent in the role he has at the case's account."""
        return self.reach.acting(self.agent, self.verb, case.account_id)


def may(wanted: Scope, verb: Verb) -> Callable[..., Caller]:
    """What a route depends on: a caller whose token covers that, whose role allows it, and who asks for
    nothing that the route does not know."""

    def admitted(
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
        unread: Unread,
    ) -> Caller:
        caller = _admit(request.app.state.desk, given.credentials if given else "", wanted, verb)
        strictness.refuse_unknown(request, unread)
        return caller

    return admitted


def _admit(desk: Desk, secret: str, wanted: Scope, verb: Verb) -> Caller:
    if not secret:
        raise NotSignedIn("Send a token: “Authorization: Bearer sd_…”.")
    with desk.database.reading() as session:
        found = tokens.bearer(session, secret)
        reach = permissions.reach(session, found[1]) if found else None
    if found is None or reach is None:
        raise NotSignedIn("This token is not good: it was revoked, has run out, or was never given out.")
    token, agent = found
    if not token.covers(wanted):
        raise NotAllowed(f"The token has not the scope {wanted}.")
    if not reach.may(verb):
        _tell_refused(desk, agent, verb)
        raise NotAllowed(permissions.refusal(verb))
    if token.is_stale and token.id is not None:
        with desk.database.transaction() as session:
            tokens.used(session, token.id)
    return Caller(desk, agent, reach, verb)


def _tell_refused(desk: Desk, agent: Agent, verb: Verb) -> None:
    with desk.database.transaction() as session:
        audit.record(session, "refused", by=agent.id, subject=f"api {verb}")
