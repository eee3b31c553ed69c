"""Customers who want to hear nothing more."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from socialdesk import cases
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, Guarded
from socialdesk.replying import approvals, drafts
from socialdesk.replying.approvals import Outcome
from tests.conftest import Cast
from tests.stories import MARIA, all_cases, arrive, post

WORDS = "Lo sentimos, lo miramos ahora mismo."


def maria(session: Session) -> Customer:
    return session.exec(select(Customer).where(Customer.x_id == MARIA)).one()


def test_who_opts_out_is_answered_by_a_supervisor_only_until_he_opts_in(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        optouts.opt_out(session, maria(session), by=cast.ana)
        with pytest.raises(AlreadyDone):
            optouts.opt_out(session, maria(session), by=cast.ben)
        case = cases.hold(session, all_cases(session)[0].id or 0)
        reply = drafts.write(session, case, text=WORDS, by=cast.ana)
        with pytest.raises(Guarded, match="hear nothing more") as refused:
            approvals.approve(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)
        assert (refused.value.kinds, refused.value.may_override) == (["opted_out"], [])

    with desk.database.transaction() as session:
        optouts.opt_in(session, maria(session), by=cast.ben)
        with pytest.raises(AlreadyDone):
            optouts.opt_in(session, maria(session), by=cast.ben)
        reply = drafts.of_case(session, all_cases(session)[0]) or reply
        done = approvals.approve(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)
        assert done == Outcome.APPROVED

    with desk.database.reading() as session:
        told = [(event.kind, event.agent_id) for event in cases.events(session, 1)]
    assert ("opted_out", cast.ana.id) in told
    assert ("opted_in", cast.ben.id) in told


def test_what_is_automated_never_goes_to_who_has_opted_out(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA))
    with desk.database.transaction() as session:
        optouts.opt_out(session, maria(session))
        case = cases.hold(session, all_cases(session)[0].id or 0)
        reply = drafts.write(session, case, text=WORDS, by=cast.ana)
        reply.automated = True
        session.flush()
        with pytest.raises(Guarded):
            approvals.approve(
                session,
                reply,
                by=cast.sofia,
                library=desk.library,
                settings=desk.settings,
                overrides=["opted_out"],
                reason="He asked.",
            )
