"""Tells webhooks what has happened: one request each, tried again later when it fails."""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import structlog
import urllib3
from urllib3.exceptions import HTTPError

from socialdesk import webhooks
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.phrases import mark
from socialdesk.webhooks import Announcement

log = structlog.get_logger()

EVERY_SECONDS = 2.0
TIMEOUTS = urllib3.Timeout(connect=5, read=10)  # seconds
LEASE = timedelta(seconds=60)
MOST_AT_A_TIME = 50
_ANSWERED = mark("It answered %(status)s.")
_UNREACHED = mark("It cannot be reached (%(error)s).")


def announce(desk: Desk) -> int:
    """Tell what is due; returns how many were told. Safe to run in several processes at once: what one of
    them dies with is told again after the lease."""
    with desk.database.reading() as session:
        if not webhooks.anybody(session):
            return 0
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
        why = _ANSWERED % {"status": status} if isinstance(status, int) else status
        webhooks.failed(session, announcement.delivery_id, why, gone=status == HTTPStatus.GONE)
    host = urlsplit(announcement.url).hostname  # the rest of the address may be a secret
    log.warning("a webhook did not take what it was told", host=host, why=why)
    return False


def _post(desk: Desk, announcement: Announcement) -> int | str:
    """The status, or why there is none. What the receiver answers besides is nobody's business here; and it
    is sent nowhere else, because the settings allow that host and not the next."""
    try:
        webhooks.refuse(announcement.url, desk.settings.webhooks.hosts)
        parts = urlsplit(announcement.url)
        with _connected(parts) as pool:
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            headers = announcement.headers | {"Host": parts.netloc}
            answer = pool.urlopen(
                "POST",
                path,
                body=announcement.body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            answer.close()
            return answer.status
    except BadInput as error:
        return str(error)
    except (HTTPError, OSError) as error:
        return f"It cannot be reached ({type(error).__name__})."


def _connected(parts: SplitResult) -> urllib3.HTTPConnectionPool:
    """To the very address that was looked at: a name could lead elsewhere the next moment (DNS rebinding)."""
    host = parts.hostname or ""
    address = _address(host, parts.port or (443 if parts.scheme == "https" else 80))
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, parts.port, timeout=TIMEOUTS)
    return urllib3.HTTPSConnectionPool(
        address, parts.port, timeout=TIMEOUTS, server_hostname=host, assert_hostname=host
    )


def _address(host: str, port: int) -> str:
    """Where the host is. Raises BadInput when that is inside the house, unless the settings name the address
    itself; OSError when nobody knows."""
    found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    inside = [each for each in found if not ipaddress.ip_address(each.partition("%")[0]).is_global]
    if inside and host not in (*inside, "localhost"):
        raise BadInput(f"{host} leads to {inside[0]}, which is not for the outside.")
    return sorted(found)[0]
