"""Sends what was approved: claim, call, record, with no transaction open while X is called."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlmodel import Session

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.errors import (
    AccountBlocked,
    Duplicate,
    OriginalGone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    XError,
)
from socialdesk.messages import Visibility
from socialdesk.placing import vanishing
from socialdesk.replying import allowances, outbox
from socialdesk.replying.outbox import Outgoing
from socialdesk.workers.line import Line
from socialdesk.x.budgets import LATEST
from socialdesk.x.ids import made_at

log = structlog.get_logger()

# Who claimed a part and was then frozen for longer sends nothing any more: the reconciler may be about to
# find it missing, and give it to another.
LEASE = timedelta(seconds=5)
MOST_HELD = 100  # replies that one step holds for a fresh look, on its way to one that may leave


def send_next(line: Line) -> bool:
    """Send the part of a reply whose turn it is; False when there is none."""
    outgoing = _claimed(line)
    if outgoing is None:
        return False
    if clock.now() - outgoing.attempt_at > LEASE:
        log.warning("woke up too late to send", account=line.handle, reply=outgoing.reply_id)
        return True
    try:
        x_id = _call(line, outgoing)
    except (AccountBlocked, OutcomeUnknown, RateLimited, Refused) as error:
        _record_failure(line, outgoing, error)
    else:
        _record_success(line, outgoing, x_id)
    return True


def _claimed(line: Line) -> Outgoing | None:
    for _ in range(MOST_HELD):
        with line.desk.database.reading() as session:
            if not outbox.anything_due(session, line.account_id):
                return None
        with line.desk.database.transaction() as session:
            if outgoing := outbox.claim(session, line.account_id, line.desk.settings.sending):
                return outgoing
    return None


def _call(line: Line, outgoing: Outgoing) -> str:
    if outgoing.private:
        return line.x.send_direct_message(outgoing.text, customer_x_id=outgoing.customer_x_id)
    return line.x.post_reply(outgoing.text, answers_x_id=outgoing.answers_x_id)


def _record_success(line: Line, outgoing: Outgoing, x_id: str) -> None:
    log.info("sent", account=line.handle, reply=outgoing.reply_id, x_id=x_id)
    with line.desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=made_at(x_id))
        session.get_one(Account, line.account_id).trouble = None
        _keep_budget(session, line, outgoing)


def _record_failure(line: Line, outgoing: Outgoing, error: XError) -> None:
    log.warning("not sent", account=line.handle, reply=outgoing.reply_id, why=str(error))
    why = str(error)
    with line.desk.database.transaction() as session:
        account = session.get_one(Account, line.account_id)
        match error:
            case RateLimited():
                account.pause([outgoing.visibility], until=error.until, why=why)
                outbox.put_back(session, outgoing, due_at=error.until, why=why)
            case AccountBlocked():
                until = clock.now() + LATEST
                account.pause(tuple(Visibility), until=until, why=why)
                outbox.put_back(session, outgoing, due_at=until, why=why)
            case OriginalGone(remedy=remedy) if not outgoing.private:
                outbox.held(session, outgoing, why=why, remedy=remedy)
                if outgoing.number == 1:
                    vanishing.take_out_answered(session, outgoing.reply_id)
            case Duplicate() if outgoing.attempt > outgoing.number:  # an earlier attempt may have arrived
                outbox.unknown(session, outgoing, why=why, duplicate=True)
            case Refused(remedy=remedy):
                outbox.held(session, outgoing, why=why, remedy=remedy)
            case _:
                outbox.unknown(session, outgoing, why=why)
        _keep_budget(session, line, outgoing)


def _keep_budget(session: Session, line: Line, outgoing: Outgoing) -> None:
    """What X's answer said of how many more it takes, for the console and for every other sender."""
    if budget := line.x.sends_left(outgoing.visibility):
        allowances.keep(
            session,
            line.account_id,
            outgoing.visibility,
            limit=budget.limit,
            remaining=budget.remaining,
            resets_at=budget.resets_at,
        )
