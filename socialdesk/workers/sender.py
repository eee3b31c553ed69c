"""Sends what was approved: claim, call, record, with no transaction open while X is called."""

from __future__ import annotations

import structlog

from socialdesk import clock, outbox
from socialdesk.errors import AccountBlocked, OutcomeUnknown, RateLimited, Refused
from socialdesk.outbox import Outgoing
from socialdesk.workers.line import Line
from socialdesk.x.budgets import LATEST
from socialdesk.x.ids import made_at

log = structlog.get_logger()


def send_next(line: Line) -> bool:
    """Send the account's reply that has been due longest; False when there is none."""
    with line.desk.database.transaction() as session:
        outgoing = outbox.claim(session, line.account_id)
    if outgoing is None:
        return False
    _record(line, outgoing, *_call(line, outgoing))
    return True


def _call(line: Line, outgoing: Outgoing) -> tuple[str | None, Exception | None]:
    try:
        if outgoing.private:
            return line.x.send_direct_message(outgoing.text, customer_x_id=outgoing.customer_x_id), None
        return line.x.post_reply(outgoing.text, answers_x_id=outgoing.answers_x_id), None
    except (AccountBlocked, OutcomeUnknown, RateLimited, Refused) as error:
        return None, error


def _record(line: Line, outgoing: Outgoing, x_id: str | None, error: Exception | None) -> None:
    log.info(
        "sent" if x_id else "not sent",
        account=line.handle,
        reply=outgoing.reply_id,
        x_id=x_id,
        why=error and str(error),
    )
    with line.desk.database.transaction() as session:
        if x_id:
            outbox.sent(session, outgoing.reply_id, x_id=x_id, at=made_at(x_id))
        elif isinstance(error, RateLimited):
            outbox.put_back(session, outgoing.reply_id, due_at=error.until, why=str(error))
        elif isinstance(error, AccountBlocked):
            outbox.put_back(session, outgoing.reply_id, due_at=clock.now() + LATEST, why=str(error))
        elif isinstance(error, Refused):
            outbox.held(session, outgoing.reply_id, why=str(error))
        else:
            outbox.unknown(session, outgoing.reply_id, why=str(error))
