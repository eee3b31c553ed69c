"""Everybody who works here, for supervisors: who signs in with codes, and ending what should be ended."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import admission, agents, codes, sign_ins
from socialdesk.agents import Agent
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.account import own_token
from socialdesk.console.case import RowId
from socialdesk.errors import AlreadyDone, DeskError, NotFound

router = APIRouter()
TOLD = {
    "codes": "One-time codes are off for that person, until he turns them on again.",
    "sessions": "That person is signed out.",
}


@router.get("/people")
def show(visit: Admitted, done: str = "") -> Response:
    return _page(visit, done=done)


@router.post("/people/{agent_id}/codes/resetting")
def reset_codes(visit: Admitted, agent_id: RowId) -> Response:
    try:
        with visit.database.transaction() as session:
            admission.codes_off(session, _find(session, agent_id), by=visit.agent)
    except AlreadyDone as error:
        return _page(visit, error)
    return RedirectResponse("/people?done=codes", 303)


@router.post("/people/{agent_id}/sessions/ending")
def end_sessions(visit: Admitted, agent_id: RowId) -> Response:
    with visit.database.transaction() as session:
        admission.end_sessions(session, _find(session, agent_id), by=visit.agent, but=own_token(visit))
    return RedirectResponse("/people?done=sessions", 303)


def _find(session: Session, agent_id: int) -> Agent:
    found = session.get(Agent, agent_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def _page(visit: Visit, problem: DeskError | None = None, *, done: str = "") -> Response:
    idle, longest = visit.desk.settings.console.session_limits
    with visit.database.reading() as session:
        everybody, with_codes = agents.all_of(session), codes.who_use_them(session)
        signed_in = sign_ins.counted(session, idle=idle, longest=longest)
        accounts = health.of(visit, session)
    return visit.page(
        "people.html",
        status=409 if problem else 200,
        people=[(each, each.id in with_codes, signed_in.get(each.id or 0, 0)) for each in everybody],
        problem=problem,
        told=TOLD.get(done),
        accounts=accounts,
    )
