"""Bearer tokens for programs: admins give them out and take them back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console import health, proofs
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.account import status_of
from socialdesk.console.case import RowId
from socialdesk.errors import DeskError, NotFound, TooOften
from socialdesk.people import agents, tokens
from socialdesk.people.tokens import Scope
from socialdesk.phrases import gettext as _

router = APIRouter()
DAYS = (7, 30, 90, 365)


@router.get("/tokens")
def show(visit: Admitted) -> Response:
    return _page(visit)


@router.post("/tokens")
def issue(
    visit: Admitted,
    username: Annotated[str, Form(max_length=32)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[Scope] | None, Form()] = None,
    days: Annotated[int, Form(ge=1, le=LARGEST_ID)] = DAYS[1],
    password: Annotated[str, Form()] = "",
) -> Response:
    """Shown on the answer and nowhere else. The password is asked: an open screen must not be enough."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            agent = agents.named(session, username)
            made = tokens.issue(session, agent, name=name, scopes=scopes or (), days=days, by=visit.agent)
    except DeskError as error:
        return _page(visit, error, asked={"username": username, "name": name, "scopes": scopes, "days": days})
    return _page(visit, made=made)


@router.post("/tokens/{agent_id}/{token_id}/revocation")
def revoke(visit: Admitted, agent_id: RowId, token_id: RowId) -> Response:
    try:
        with visit.database.transaction() as session:
            agent = session.get(agents.Agent, agent_id)
            if agent is None:
                raise NotFound(_("There is no such person."))
            tokens.revoke(session, agent, token_id, by=visit.agent)
    except NotFound as error:
        return _page(visit, error)
    return RedirectResponse("/tokens", 303)


def _page(
    visit: Visit, problem: DeskError | None = None, *, made: str = "", asked: dict[str, object] | None = None
) -> Response:
    with visit.database.reading() as session:
        people = [each for each in agents.all_of(session) if not each.disabled_at]
        given = tokens.good(session)
        accounts = health.of(visit, session)
    response = visit.page(
        "tokens.html",
        status=status_of(problem),
        people=people,
        given=given,
        names={each.id: each.name for each in people},
        scopes=list(Scope),
        choices=DAYS,
        asked={"username": visit.agent.username, "name": "", "scopes": (), "days": DAYS[1]} | (asked or {}),
        made=made,
        problem=problem,
        accounts=accounts,
    )
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    return response
