"""Tells webhooks what has happened: one request each, tried again later when it fails."""

from __future__ import annotations

from datetime import timedelta

import requests
import structlog

from socialdesk import webhooks
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.webhooks import Announcement

log = structlog.get_logger()

EVERY_SECONDS = 2.0
TIMEOUTS = (5, 10)  # seconds, to connect and to answer
LEASE = timedelta(seconds=60)
MOST_AT_A_TIME = 50


def announce(desk: Desk) -> int:
    """Tell what is due; returns how many were told. Safe to run in several processes at once: what one of
    them dies with is told again after the lease."""
    with desk.database.transaction() as session:
        webhooks.gather(session)
        webhooks.forget_old(session)
    told = 0
    for _ in range(MOST_AT_A_TIME):
        with desk.database.transaction() as session:
            announcement = webhooks.claim(session, lease=LEASE)
        if announcement is None:
            break
        told += _tell(desk, announcement)
    return told


def _tell(desk: Desk, announcement: Announcement) -> bool:
    status = _post(desk, announcement)
    with desk.database.transaction() as session:
        if isinstance(status, int) and 200 <= status < 300:
            webhooks.told(session, announcement.delivery_id)
            return True
        why = f"It answered {status}." if isinstance(status, int) else status
        webhooks.failed(session, announcement.delivery_id, why, gone=status == requests.codes.gone)
    log.warning("a webhook did not take what it was told", url=announcement.url, why=why)
    return False


def _post(desk: Desk, announcement: Announcement) -> int | str:
    """The status, or why there is none. What the receiver answers besides is nobody's business here; and it
    is sent nowhere else, because the settings allow that host and not the next."""
    try:
        webhooks.refuse(announcement.url, desk.settings.webhooks.hosts)
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                announcement.url,
                data=announcement.body,
                headers=announcement.headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
            )
            answer.close()
            return answer.status_code
    except BadInput as error:
        return str(error)
    except requests.RequestException as error:
        return f"It cannot be reached ({type(error).__name__})."
