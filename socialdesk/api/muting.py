"""Blocking a case's customer, muting its conversation, and noting who wants to hear nothing more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, change
from socialdesk.api.paging import RowId
from socialdesk.api.problems import documented
from socialdesk.cases import Case
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.people import scope
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.placing import muting

router = APIRouter(tags=["cases"])
Blocker = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.BLOCK))]
Muter = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.MUTE))]
OptOut = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.OPT_OUT))]


@router.post("/cases/{case_id}/blocking", responses=documented(404, 409))
def block(caller: Blocker, case_id: RowId) -> CaseShown:
    """What the case's customer writes opens nothing any more, on any of our accounts."""

    def do(session: Session, case: Case, by: Agent) -> None:
        with scope.whole_desk(session):  # it would be half done within some accounts
            muting.block(session, case, by=by)

    return change(caller, case_id, do, hold=False)


@router.post("/cases/{case_id}/unblocking", responses=documented(404, 409))
def unblock(caller: Blocker, case_id: RowId) -> CaseShown:
    """What the customer wrote meanwhile waits for an answer."""

    def do(session: Session, case: Case, by: Agent) -> None:
        with scope.whole_desk(session):
            muting.unblock(session, case.customer_id, by=by)

    return change(caller, case_id, do, hold=False)


@router.post("/cases/{case_id}/muting", responses=documented(404, 409))
def mute(caller: Muter, case_id: RowId) -> CaseShown:
    """Nothing in the case's public conversation opens anything any more, whoever writes it."""
    return change(caller, case_id, lambda session, case, by: muting.mute(session, case, by=by), hold=False)


@router.post("/cases/{case_id}/unmuting", responses=documented(404, 409))
def unmute(caller: Muter, case_id: RowId) -> CaseShown:
    def do(session: Session, case: Case, by: Agent) -> None:
        muting.unmute(session, case.account_id, case.conversation_id or "", by=by)

    return change(caller, case_id, do, hold=False)


@router.post("/cases/{case_id}/opting-out", responses=documented(404, 409))
def opt_out(caller: OptOut, case_id: RowId) -> CaseShown:
    """Nothing automated goes to the case's customer any more."""

    def do(session: Session, case: Case, by: Agent) -> None:
        optouts.opt_out(session, session.get_one(Customer, case.customer_id), by=by)

    return change(caller, case_id, do, hold=False)


@router.post("/cases/{case_id}/opting-in", responses=documented(404, 409))
def opt_in(caller: OptOut, case_id: RowId) -> CaseShown:
    """The customer has asked to be written to again."""

    def do(session: Session, case: Case, by: Agent) -> None:
        optouts.opt_in(session, session.get_one(Customer, case.customer_id), by=by)

    return change(caller, case_id, do, hold=False)
