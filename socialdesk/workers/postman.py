"""Hands mails to the SMTP server, one at a time; what it does not take is tried again later."""

from __future__ import annotations

import structlog

from socialdesk.desk import Desk
from socialdesk.errors import SettingsError
from socialdesk.mail import mails
from socialdesk.mail.mails import Mail
from socialdesk.mail.posting import NotTaken, post

log = structlog.get_logger()

EVERY_SECONDS = 5.0
MOST_AT_A_TIME = 20


def deliver(desk: Desk) -> int:
    """Send what is due; returns how many mails were taken. Safe to run in several processes at once."""
    if not desk.settings.mail.host:
        return 0
    with desk.database.reading() as session:
        if not mails.anything_due(session):
            return 0
    with desk.database.transaction() as session:
        mails.forget_old(session)
    taken = 0
    for _ in range(MOST_AT_A_TIME):
        with desk.database.transaction() as session:
            mail = mails.claim(session)
            enclosed = mails.attachments_of(session, mail.id or 0) if mail else []
        if mail is None:
            break
        taken += _send(desk, mail, enclosed)
    return taken


def _send(desk: Desk, mail: Mail, enclosed: list[mails.Attachment]) -> bool:
    try:
        post(mail, enclosed, desk.settings.mail)
    except (NotTaken, SettingsError) as error:
        with desk.database.transaction() as session:
            for_good = isinstance(error, NotTaken) and error.for_good
            mails.failed(session, mail, str(error), for_good=for_good)
        log.warning("a mail was not taken", mail=mail.id, why=str(error))
        return False
    with desk.database.transaction() as session:
        mails.sent(session, mail)
    return True
