"""Sends what was approved: claim, call, record, with no transaction open while X is called."""

from __future__ import annotations

import structlog

from socialdesk import clock, outbox, vanishing
from socialdesk.accounts import Account
from socialdesk.errors import AccountBlocked, OriginalGone, OutcomeUnknown, RateLimited, Refused, XError
from socialdesk.messages import Visibility
from socialdesk.outbox import Outgoing
from socialdesk.workers.line import Line
from socialdesk.x.budgets import LATEST
from socialdesk.x.ids import made_at

log = structlog.get_logger()


def send_next(line: Line) -> bool:
    """Send the account's reply that has been due longest; False when there is none."""
    with line.desk.database.reading() as session:
        if not outbox.anything_due(session, line.account_id):
            return False
    with line.desk.database.transaction() as session:
        outgoing = outbox.claim(session, line.account_id)
    if outgoing is None:
        return False
    try:
        x_id = _call(line, outgoing)
    except (AccountBlocked, OutcomeUnknown, RateLimited, Refused) as error:
        _record_failure(line, outgoing, error)
    else:
        _record_success(line, outgoing, x_id)
    return True


def _call(line: Line, outgoing: Outgoing) -> str:
    if outgoing.private:
        return line.x.send_direct_message(outgoing.text, customer_x_id=outgoing.customer_x_id)
    return line.x.post_reply(outgoing.text, answers_x_id=outgoing.answers_x_id)


def _record_success(line: Line, outgoing: Outgoing, x_id: str) -> None:
    log.info("sent", account=line.handle, reply=outgoing.reply_id, x_id=x_id)
    with line.desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=made_at(x_id))
        session.get_one(Account, line.account_id).trouble = None


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
            case OriginalGone() if not outgoing.private:
                outbox.held(session, outgoing, why=why)
                vanishing.take_out_answered(session, outgoing.reply_id)
            case Refused():
                outbox.held(session, outgoing, why=why)
            case _:
                outbox.unknown(session, outgoing, why=why)
