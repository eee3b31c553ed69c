"""Who asks, with which token, and whether that token and that agent go so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from socialdesk.api import named, strictness, whose
from socialdesk.api.problems import NotSignedIn
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed, NotFound
from socialdesk.people import demands, permissions, refusals, scope, tokens
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Answer, Reach, Verb
from socialdesk.people.refusals import ANOTHERS, BAD_TOKEN, REFUSED
from socialdesk.people.tokens import ApiToken, Scope

_BEARER = HTTPBearer(auto_error=False, description="A token from the page Tokens or `socialdesk tokens add`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """One request that was let in; in the sessions of `database` there is nothing of accounts at which the
    agent may not do what is asked for."""

    desk: Desk
    agent: Agent
    reach: Reach
    verb: Verb
    token: ApiToken
    refused: Callable[[str, str], None]  # tells the audit log

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

    def require(self, wanted: Scope) -> None:
        """Raises NotAllowed where the token does not go so far; outside of transactions, as it is told."""
        if not self.token.covers(wanted):
            self.refused(REFUSED, f"api {wanted}")
            raise NotAllowed(f"The token has not the scope {wanted}.")


def may(wanted: Scope, verb: Verb) -> Callable[..., Awaitable[Caller]]:
    """What a route depends on: a caller whose token covers that, whose role allows it, and who asks for
    nothing that the route does not know. The token is looked at before what else was sent."""

    async def admitted(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Caller:
        secret = given.credentials if given else ""
        caller = await run_in_threadpool(_admit, request, request.app.state.desk, secret, wanted, verb)
        await strictness.refuse_unknown(request)
        return caller

    return admitted


def _admit(request: Request, desk: Desk, secret: str, wanted: Scope, verb: Verb) -> Caller:
    if not secret:
        raise NotSignedIn("Send a token: “Authorization: Bearer sd_…”.")
    with desk.database.reading() as session:
        found = tokens.given_out(session, secret)
        reach = permissions.reach(session, found[1]) if found else None
        answer, missing = whose.decide(session, reach, verb, request.path_params) if reach else (None, "")
        owes = found is not None and demands.owed_by(session, found[1], desk.settings.sign_in)
    if found is None or reach is None or not tokens.is_good(*found):
        _tell_bad(request, desk, found)
        raise NotSignedIn("This token is not good: it was revoked, has run out, or was never given out.")
    token, agent = found
    refused = partial(_tell_refused, request, desk, agent, token)
    if owes:
        refused(REFUSED, "api one-time codes")
        raise NotAllowed("The desk demands one-time codes, and the token's agent has not set them up yet.")
    caller = Caller(desk, agent, reach, verb, token, refused)
    caller.require(wanted)
    if answer == Answer.NOT_ALLOWED:
        refused(REFUSED, f"api {verb}")
        raise NotAllowed(permissions.refusal(verb))
    if answer == Answer.ANOTHERS:
        refused(ANOTHERS, request.url.path)
    if answer != Answer.COME_IN:
        raise NotFound(missing)
    request.state.asker = named.Asker(desk.database, reach, verb, refused)
    if token.is_stale and token.id is not None:
        with desk.database.transaction() as session:
            tokens.used(session, token.id)
    return caller


def _tell_refused(
    request: Request, desk: Desk, agent: Agent, token: ApiToken, kind: str, subject: str
) -> None:
    route = f"api {request.method} {request.scope['route'].path}"
    refusals.tell(desk.database, kind, by=agent, route=route, subject=subject, name=token.name)


def _tell_bad(request: Request, desk: Desk, found: tuple[ApiToken, Agent] | None) -> None:
    """Whose it was, if it was given out once; and never anything of the token itself."""
    address = request.client.host if request.client else ""
    whose_it_was = {"name": found[0].name, "subject": found[1].username} if found else {}
    refusals.tell_of_stranger(desk.database, BAD_TOKEN, address=address, **whose_it_was)
