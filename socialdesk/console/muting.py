"""Spam and noise: blocking a customer and muting a conversation from a case, and the page that lifts both."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.console.flash import flash, told
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone
from socialdesk.placing import muting

router = APIRouter()


@router.post("/cases/{case_id}/blocking")
def block(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    return _done(
        visit,
        case_id,
        came_from,
        "blocked",
        lambda session, case: muting.block(session, case, by=visit.agent),
    )


@router.post("/cases/{case_id}/unblocking")
def unblock(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    return _done(
        visit,
        case_id,
        came_from,
        "unblocked",
        lambda session, case: muting.unblock(session, case.customer_id, by=visit.agent),
    )


@router.post("/cases/{case_id}/muting")
def mute(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    return _done(
        visit, case_id, came_from, "muted", lambda session, case: muting.mute(session, case, by=visit.agent)
    )


@router.post("/cases/{case_id}/unmuting")
def unmute(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    def lift(session: Session, case: Case) -> None:
        muting.unmute(session, case.account_id, case.conversation_id or "", by=visit.agent)

    return _done(visit, case_id, came_from, "unmuted", lift)


def _done(
    visit: Visit, case_id: int, came_from: str, what: str, do: Callable[[Session, Case], object]
) -> Response:
    """Back to the case when it is done, or the case's page with why it could not be."""
    try:
        with visit.database.transaction() as session:
            do(session, cases.find(session, case_id))
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, what), 303)


@router.get("/muted")
def show(visit: Admitted, done: str = "") -> Response:
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
        conversations = muting.muted_conversations(session)
        people = [(each, muting.a_case_of(session, each)) for each in muting.blocked_people(session)]
        return visit.page(
            "muted.html",
            people=[each for each in people if visit.accounts is None or each[1]],
            conversations=[(each, muting.a_case_in(session, each)) for each in conversations],
            names=visit.names(session),
            accounts=accounts,
            flash=flash(session, done, accounts, visit.desk.settings.sending, by=visit.agent),
        )


@router.post("/muted/customers/{customer_id}/lifting")
def lift_block(visit: Admitted, customer_id: RowId) -> Response:
    with visit.database.transaction() as session:
        muting.unblock(session, customer_id, by=visit.agent)
        where = muting.a_case_of(session, session.get_one(Customer, customer_id))
    return _lifted(visit, "unblocked", where)


@router.post("/muted/conversations/{mute_id}/lifting")
def lift_mute(visit: Admitted, mute_id: RowId) -> Response:
    with visit.database.transaction() as session:
        found = muting.find_mute(session, mute_id)
        where = muting.a_case_in(session, found)
        muting.unmute(session, found.account_id, found.conversation_id, by=visit.agent)
    return _lifted(visit, "unmuted", where)


def _lifted(visit: Visit, what: str, where: Case | None) -> Response:
    """Told, with the way back, where there is a case of his to undo it in."""
    theirs = where is None or (visit.accounts is not None and where.account_id not in visit.accounts)
    done = "" if theirs or where is None else f"?done={told(what, where.id)}"
    return RedirectResponse(f"/muted{done}", 303)
