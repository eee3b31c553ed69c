"""Tells webhooks what has happened: one request each, tried again later when it fails."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, urlsplit

import structlog

from socialdesk import webhooks
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.phrases import mark
from socialdesk.webhooks import Announcement

log = structlog.get_logger()

EVERY_SECONDS = 2.0
WITHIN_SECONDS = 10.0  # from the connection to the end of the answer's head
CONNECTED_WITHIN = 5.0  # seconds
SLOW_SECONDS = 2.0  # a receiver that takes as long is told one thing a turn, so that others get theirs
LEASE = timedelta(seconds=60)
MOST_AT_A_TIME = 50
_ANSWERED = mark("It answered %(status)s.")
_UNREACHED = mark("It cannot be reached (%(error)s).")
_TOO_SLOW = mark("It took longer than %(seconds)s seconds to answer.")


def announce(desk: Desk) -> int:
    """Tell what is due; returns how many were told. Safe to run in several processes at once: what one of
    them dies with is told again after the lease."""
    with desk.database.reading() as session:
        if not webhooks.anybody(session):
            return 0
    with desk.database.transaction() as session:
        webhooks.keep_sealed(session)
        webhooks.gather(session)
        webhooks.forget_old(session)
    told, slow = 0, set[int]()
    for _ in range(MOST_AT_A_TIME):
        with desk.database.transaction() as session:
            announcement = webhooks.claim(session, lease=LEASE, but=slow)
        if announcement is None:
            break
        begun = monotonic()
        told += _tell(desk, announcement)
        if monotonic() - begun >= SLOW_SECONDS:
            slow.add(announcement.webhook_id)
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
    if announcement.trouble:
        return announcement.trouble
    try:
        webhooks.refuse(announcement.url, desk.settings.webhooks.hosts)
        parts = urlsplit(announcement.url)
        with _connected(parts) as connection:
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("POST", path, announcement.body, announcement.headers | {"Host": parts.netloc})
            with connection.getresponse() as answer:
                return answer.status
    except BadInput as error:
        return str(error)
    except TimeoutError:
        return _TOO_SLOW % {"seconds": f"{WITHIN_SECONDS:g}"}
    except (http.client.HTTPException, OSError) as error:
        return _UNREACHED % {"error": type(error).__name__}


@contextmanager
def _connected(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    """To the very address that was looked at: a name could lead elsewhere the next moment (DNS rebinding).

    Raises TimeoutError when the block has not ended in time. The timeout of a socket would begin anew with
    each byte; so the whole connection is cut instead, in the midst of what has been read or not.
    """
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((webhooks.address(host, port), port), CONNECTED_WITHIN) as opened:
        opened.settimeout(WITHIN_SECONDS)
        with _cut_off(opened):
            connection = http.client.HTTPConnection(host, port)
            connection.sock = _secured(opened, host) if parts.scheme == "https" else opened
            try:
                yield connection
            finally:
                connection.close()


@contextmanager
def _cut_off(opened: socket.socket) -> Iterator[None]:
    """The connection ends when the time is over, and with it whatever is read of it and written to it."""
    late = False
    same = opened.dup()  # a socket that becomes a secured one is empty from then on

    def cut() -> None:
        nonlocal late
        late = True
        with suppress(OSError):  # it has ended by itself
            same.shutdown(socket.SHUT_RDWR)

    timer = Timer(WITHIN_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (http.client.HTTPException, OSError) as error:
        if late:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        timer.join()
        same.close()
    if late:  # the end of a connection looks like the end of an answer's head
        raise TimeoutError


def _secured(opened: socket.socket, host: str) -> ssl.SSLSocket:
    """Raises OSError for a certificate that is not the host's."""
    return ssl.create_default_context().wrap_socket(opened, server_hostname=host)
